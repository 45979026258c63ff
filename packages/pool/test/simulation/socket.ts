import { EventEmitter } from "node:events";
import { type Message, readFirst, readMessages } from "./frontend.ts";

/** What a socket writes to. */
export interface Wire {
  toServer(messages: readonly Message[]): void;
  clientClosed(): void;
}

export interface Network {
  dial(socket: SimulatedSocket): Wire;
  /** A client has sent something. */
  onSent(wire: Wire, messages: readonly Message[]): void;
}

/** What pg needs of a socket, over a simulated network. */
export class SimulatedSocket extends EventEmitter {
  destroyed = false;
  writable = false;
  readonly #network: Network;
  #link: Wire | undefined;
  #isFirst = true;
  #hasEnded = false;

  constructor(network: Network) {
    super();
    this.#network = network;
  }

  /** Whether the process still has it open. */
  get isOpen(): boolean {
    return this.#link !== undefined && !this.destroyed;
  }

  connect(): this {
    this.#link = this.#network.dial(this);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  write(bytes: Buffer, callback?: () => void): boolean {
    if (callback !== undefined) process.nextTick(callback);
    const link = this.#link;
    if (!this.writable || link === undefined) return false;
    const messages = this.#isFirst ? [readFirst(bytes)] : readMessages(bytes);
    this.#isFirst = false;
    this.#network.onSent(link, messages);
    link.toServer(messages);
    return true;
  }

  end(): void {
    if (this.#hasEnded || this.destroyed) return;
    this.#hasEnded = true;
    this.writable = false;
    this.#link?.clientClosed();
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.writable = false;
    if (!this.#hasEnded) this.#link?.clientClosed();
    process.nextTick(() => {
      if (error !== undefined) this.emit("error", error);
      this.emit("close");
    });
    return this;
  }

  /** The server has taken the call. */
  hearConnected(): void {
    if (this.destroyed) return;
    this.writable = true;
    this.emit("connect");
  }

  hearRefusal(): void {
    this.destroy(
      Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" }),
    );
  }

  hearEnd(how: "end" | "reset"): void {
    if (this.destroyed) return;
    if (how === "end") {
      this.emit("end");
      this.destroy();
    } else this.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" }));
  }
}
