import type { Message } from "./frontend.ts";
import type { Random } from "./random.ts";
import type { SimulatedSocket, Wire } from "./socket.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The server's end of a connection. */
export interface ServerEnd {
  receive(messages: readonly Message[]): void;
  /** The client has gone; what it sent before is still worked off. */
  hangUp(): void;
}

type Side = "client" | "server";

/** Of a hundred answers, how many arrive in two pieces. */
const SPLIT_PERCENT = 15;
const LONGEST_GAP_MS = 3;

/** A connection's way through the network: in order, with a delay, and with what may befall it. */
export class Link implements Wire {
  readonly socket: SimulatedSocket;
  server: ServerEnd | undefined;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #latencyMs: number;
  readonly #lastMs: Record<Side, number> = { client: 0, server: 0 };
  readonly #deafUntilMs: Record<Side, number> = { client: 0, server: 0 };
  #onTheWay = 0;
  /** On the clock of the process. */
  readonly openedAtMs: number;
  /** When something was last sent or received on it. */
  usedAtMs = 0;
  isBlackhole = false;
  /** The server knows that the client has gone. */
  isHungUp = false;
  #isCut = false;
  #clientHeardEnd = false;

  constructor(
    socket: SimulatedSocket,
    { time, random, latencyMs }: { time: VirtualTime; random: Random; latencyMs: number },
  ) {
    this.socket = socket;
    this.#time = time;
    this.#random = random;
    this.#latencyMs = latencyMs;
    this.openedAtMs = time.processMs;
  }

  /** Whether nothing is under way, and nothing is wrong. */
  get isQuiet(): boolean {
    const { client, server } = this.#deafUntilMs;
    return (
      this.#onTheWay === 0 &&
      !this.isBlackhole &&
      !this.#isCut &&
      Math.max(client, server) <= this.#time.worldMs
    );
  }

  toServer(messages: readonly Message[]): void {
    this.#carry("server", () => this.server?.receive(messages));
  }

  /** @param onDelivered is told when the client has read all of it. */
  toClient(bytes: Buffer, onDelivered?: () => void): void {
    if (this.#isCut) return;
    const read = (piece: Buffer, isLast: boolean) => {
      if (this.#isCut || this.socket.destroyed) return;
      if (isLast) onDelivered?.();
      this.socket.emit("data", piece);
    };
    if (bytes.length > 1 && this.#random.next() * 100 < SPLIT_PERCENT) {
      // The last six bytes are mostly ReadyForQuery.
      const at =
        bytes.length > 6 && this.#random.chance(0.5)
          ? bytes.length - 6
          : this.#random.between(1, bytes.length - 1);
      this.#carry("client", () => read(bytes.subarray(0, at), false));
      this.#lastMs.client += this.#random.next() * LONGEST_GAP_MS;
      this.#carry("client", () => read(bytes.subarray(at), true));
    } else this.#carry("client", () => read(bytes, true));
  }

  /** The server closes its end: the client reads what was sent before, then the end. */
  close(): void {
    this.#carry("client", () => this.#tellEnd("end"));
  }

  /** The connection is gone, with all that was on its way to the client. What was on its way to the server may arrive. */
  cut(how: "end" | "reset", serverHears: boolean): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#time.arrive(this.#time.worldMs + this.#latencyMs, () => this.#tellEnd(how));
    if (serverHears) this.clientClosed();
  }

  /** The client has closed its end. */
  clientClosed(): void {
    this.#carry("server", () => {
      this.isHungUp = true;
      this.server?.hangUp();
    });
  }

  deafen(side: Side | "both", ms: number): void {
    for (const each of side === "both" ? (["client", "server"] as const) : [side])
      this.#deafUntilMs[each] = Math.max(this.#deafUntilMs[each], this.#time.worldMs + ms);
  }

  #tellEnd(how: "end" | "reset"): void {
    if (this.#clientHeardEnd || this.isBlackhole) return;
    this.#clientHeardEnd = true;
    this.socket.hearEnd(how);
  }

  #carry(side: Side, deliver: () => void): void {
    const nowMs = this.#time.worldMs;
    this.usedAtMs = nowMs;
    const takesMs = this.#latencyMs * (0.5 + this.#random.next());
    const dueMs = Math.max(nowMs + takesMs, this.#lastMs[side], this.#deafUntilMs[side]);
    this.#lastMs[side] = dueMs;
    this.#onTheWay++;
    const arrive = () => {
      // It may have become deaf on the way.
      if (this.#deafUntilMs[side] > this.#time.worldMs)
        return this.#schedule(side, this.#deafUntilMs[side], arrive);
      this.#onTheWay--;
      if (this.isBlackhole) return;
      this.usedAtMs = this.#time.worldMs;
      deliver();
    };
    this.#schedule(side, dueMs, arrive);
  }

  #schedule(side: Side, dueMs: number, run: () => void): void {
    if (side === "client") this.#time.arrive(dueMs, run);
    else this.#time.inWorld(dueMs - this.#time.worldMs, run);
  }
}
