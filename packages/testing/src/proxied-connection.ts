import { connect, type Socket } from "node:net";
import type { NetworkConditions } from "./network-conditions.ts";

type Piece = Buffer | "end";

/** One client's connection through the proxy, and the one behind it to the server. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #conditions: NetworkConditions;
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  readonly #onGone: () => void;
  #cutAtAnswer = false;

  constructor(
    client: Socket,
    target: { host: string; port: number },
    conditions: NetworkConditions,
    onGone: () => void,
  ) {
    this.#client = client;
    this.#conditions = conditions;
    this.#onGone = onGone;
    this.#server = connect({ ...target, noDelay: true, allowHalfOpen: true });
    this.#toServer = new Lane(this.#server, () => this.#isBlackholed("toServer"));
    this.#toClient = new Lane(client, () => this.#isBlackholed("toClient"));

    client.on("data", (bytes: Buffer) => this.#fromClient(bytes));
    client.on("end", () => this.#toServer.push("end", conditions.delayMs));
    this.#server.on("data", (bytes: Buffer) => this.#fromServer(bytes));
    this.#server.on("end", () => this.#toClient.push("end", conditions.delayMs));

    // A side that is lost is a fault like any other: the other side does not hear of it while the proxy is blackholed.
    client.on("error", () => this.#lost(this.#toServer));
    this.#server.on("error", () => this.#lost(this.#toClient));
    const onClose = () => {
      if (client.destroyed && this.#server.destroyed) this.#onGone();
    };
    client.on("close", onClose);
    this.#server.on("close", onClose);
  }

  get bytesHeld(): number {
    return this.#toServer.bytesHeld + this.#toClient.bytesHeld;
  }

  /** Delivers what was held back. */
  flush(): void {
    this.#toServer.flush();
    this.#toClient.flush();
  }

  reset(): void {
    this.#toServer.drop();
    this.#toClient.drop();
    resetNow(this.#client);
    resetNow(this.#server);
  }

  #fromClient(bytes: Buffer): void {
    const { cutBefore, cutAfter } = this.#conditions;
    const text = cutBefore === null && cutAfter === null ? "" : bytes.toString("latin1").toLowerCase();
    if (cutBefore !== null && text.includes(cutBefore)) {
      this.#conditions.cutBefore = null;
      this.reset();
      return;
    }
    if (cutAfter !== null && text.includes(cutAfter)) {
      this.#conditions.cutAfter = null;
      this.#cutAtAnswer = true;
    }
    this.#toServer.push(bytes, this.#conditions.delayMs);
  }

  #fromServer(bytes: Buffer): void {
    if (this.#cutAtAnswer) this.reset();
    else this.#toClient.push(bytes, this.#conditions.delayMs);
  }

  #lost(otherSide: Lane): void {
    otherSide.push("reset", 0);
  }

  #isBlackholed(direction: "toServer" | "toClient"): boolean {
    return this.#conditions.blackholed === "both" || this.#conditions.blackholed === direction;
  }
}

/** What flows in one direction: pieces in their order, none before its time. */
class Lane {
  readonly #to: Socket;
  readonly #isBlackholed: () => boolean;
  #waiting: { piece: Piece | "reset"; dueAtMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(to: Socket, isBlackholed: () => boolean) {
    this.#to = to;
    this.#isBlackholed = isBlackholed;
  }

  get bytesHeld(): number {
    return this.#waiting.reduce((sum, { piece }) => sum + (typeof piece === "string" ? 0 : piece.length), 0);
  }

  push(piece: Piece | "reset", delayMs: number): void {
    this.#waiting.push({ piece, dueAtMs: performance.now() + delayMs });
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    while (!this.#isBlackholed()) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      const waitMs = next.dueAtMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.flush(), waitMs);
        return;
      }
      this.#waiting.shift();
      this.#deliver(next.piece);
    }
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #deliver(piece: Piece | "reset"): void {
    if (piece === "reset") resetNow(this.#to);
    else if (piece === "end") this.#to.end();
    else if (!this.#to.destroyed) this.#to.write(piece);
  }
}

/**
 * Closes with a reset where that can be had at once. `resetAndDestroy` waits for a connect under way, which a starving target would
 * make for ever; and of an end under way the socket is never closed (EINVAL), so that its process, which is done, never ends.
 */
function resetNow(socket: Socket): void {
  if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy();
  else socket.resetAndDestroy();
}
