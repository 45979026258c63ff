import { errorResponse } from "./answers.ts";
import { Backend, type Host } from "./backend.ts";
import { type Fault, isMomentOf } from "./faults.ts";
import type { Message } from "./frontend.ts";
import { Ledger } from "./ledger.ts";
import { Link } from "./link.ts";
import type { Random } from "./random.ts";
import { SentWrites } from "./sent-writes.ts";
import { type Network, SimulatedSocket, type Wire } from "./socket.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface ServerOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly latencyMs: number;
  readonly isGerman: boolean;
  readonly faults: readonly Fault[];
  violate(rule: string): void;
  /** A statement with this as its first parameter has left the client. */
  onParameter(parameter: string): void;
  /** Something befalls the life. */
  onFault(fault: Fault): void;
}

/** A Postgres server and the network before it, in the process that talks to it, with the faults that befall both. */
export class SimulatedServer implements Host, Network {
  readonly time: VirtualTime;
  readonly ledger = new Ledger();
  readonly isGerman: boolean;
  schema = 0;
  readonly #options: ServerOptions;
  readonly #random: Random;
  readonly #backends = new Map<number, Backend>();
  readonly #links = new Set<Link>();
  readonly #sent = new Map<Wire, SentWrites>();
  #faults: Fault[];
  #messages = 0;
  #nextPid = 100;
  #refusesUntilMs = 0;
  #startsUntilMs = 0;
  #fullUntilMs = 0;
  #slowUntilMs = 0;
  #slowMs = 0;
  #hangs = 0;
  #lateUntilMs = 0;
  #lateMs = 0;
  /** When something last went wrong with the server as a whole. */
  troubledAtMs = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.time = options.time;
    this.isGerman = options.isGerman;
    this.#random = options.random;
    this.#faults = [...options.faults];
    for (const fault of options.faults)
      if ("atMs" in fault.at) this.time.inWorld(fault.at.atMs, () => this.#strike(fault));
  }

  /** For pg's option `stream`. */
  readonly socket = (): SimulatedSocket => new SimulatedSocket(this);

  get links(): Iterable<Link> {
    return this.#links;
  }

  /** Backends that a client could still reach. */
  get reachableBackends(): readonly Backend[] {
    return [...this.#backends.values()].filter(({ link }) => !link.isBlackhole);
  }

  backendOf(link: Link): Backend | undefined {
    return link.server instanceof Backend ? link.server : undefined;
  }

  /** Whether new connections are being refused, delayed or left hanging. */
  get isTroubled(): boolean {
    const until = Math.max(this.#refusesUntilMs, this.#startsUntilMs, this.#fullUntilMs, this.#slowUntilMs);
    return this.#hangs > 0 || until > this.time.worldMs;
  }

  /** Nothing befalls it any more. */
  heal(): void {
    this.#faults = [];
    for (const backend of this.#backends.values()) backend.heal();
    this.#hangs = 0;
    this.#refusesUntilMs = 0;
    this.#startsUntilMs = 0;
    this.#fullUntilMs = 0;
    this.#slowUntilMs = 0;
    this.#lateUntilMs = 0;
  }

  dial(socket: SimulatedSocket): Link {
    const { latencyMs } = this.#options;
    const link = new Link(socket, { time: this.time, random: this.#random, latencyMs });
    this.#links.add(link);
    this.#sent.set(link, new SentWrites(this.ledger, this.#options.onParameter));
    link.server = { receive: (messages) => this.#greet(link, messages), hangUp: () => link.close() };
    this.time.inWorld(latencyMs, () => {
      if (this.#hangs > 0) {
        this.#hangs--;
        this.troubledAtMs = this.time.worldMs;
        return;
      }
      const isRefused = this.#refusesUntilMs > this.time.worldMs;
      this.time.arrive(this.time.worldMs + latencyMs, () =>
        isRefused ? socket.hearRefusal() : socket.hearConnected(),
      );
    });
    return link;
  }

  onSent(wire: Wire, messages: readonly Message[]): void {
    for (const message of messages) this.#sent.get(wire)?.note(message);
  }

  #greet(link: Link, [message]: readonly Message[]): void {
    if (message === undefined) return;
    if (message.tag === "cancel") {
      const cancel = () => {
        const backend = this.#backends.get(message.pid);
        if (backend?.secret === message.secret) backend.cancel();
        link.close();
      };
      if (this.#lateUntilMs > this.time.worldMs) this.time.inWorld(this.#lateMs, cancel);
      else cancel();
      return;
    }
    const fault = this.faultAt(message);
    if (fault?.do === "cut") return void link.cut(fault.how, false);
    if (fault?.do === "fatal") return void this.#refuse(link, fault.code);
    if (fault?.do === "slow") return void this.time.inWorld(fault.ms, () => this.#start(link));
    if (fault !== undefined) this.apply(fault);
    if (this.#slowUntilMs > this.time.worldMs) this.time.inWorld(this.#slowMs, () => this.#start(link));
    else this.#start(link);
  }

  #start(link: Link): void {
    if (link.isHungUp) return;
    if (this.#startsUntilMs > this.time.worldMs) return void this.#refuse(link, "57P03");
    if (this.#fullUntilMs > this.time.worldMs) return void this.#refuse(link, "53300");
    const pid = this.#nextPid++;
    const backend = new Backend(this, link, pid, this.#random.between(1, 1_000_000));
    this.#backends.set(pid, backend);
    link.server = backend;
    backend.start();
  }

  #refuse(link: Link, code: string): void {
    link.toClient(errorResponse({ severity: "FATAL", code, text: "not now", isGerman: this.isGerman }));
    link.close();
  }

  faultAt(message: Message): Fault | undefined {
    this.#messages++;
    const index = this.#faults.findIndex(
      ({ at }) => "on" in at && at.after <= this.#messages && isMomentOf(at.on, message),
    );
    const fault = this.#faults[index];
    if (fault === undefined) return undefined;
    this.#faults.splice(index, 1);
    this.#options.onFault(fault);
    return fault;
  }

  /** A fault that waited for its time. */
  #strike(fault: Fault): void {
    if (!this.#faults.includes(fault)) return;
    this.#options.onFault(fault);
    const backends = [...this.#backends.values()];
    const backend = backends.length > 0 ? this.#random.pick(backends) : undefined;
    if (fault.do === "cut") {
      backend?.link.cut(fault.how, false);
      backend?.exit();
    } else if (fault.do === "fatal") backend?.die(fault.code, "terminating connection");
    else this.apply(fault, backend);
  }

  apply(fault: Fault, backend?: Backend): void {
    const nowMs = this.time.worldMs;
    switch (fault.do) {
      case "error":
        return void backend?.fail(fault.code);
      case "slow":
        return void backend?.takeLonger(fault.ms);
      case "deaf":
        return void backend?.link.deafen(fault.side, fault.ms);
      case "blackhole":
        if (backend !== undefined) backend.link.isBlackhole = true;
        return;
      case "blackholeAll":
        for (const { link } of this.#backends.values()) link.isBlackhole = true;
        return;
      case "restart":
        this.#refusesUntilMs = nowMs + fault.downMs;
        this.#startsUntilMs = this.#refusesUntilMs + fault.startingMs;
        for (const each of [...this.#backends.values()]) {
          if (!fault.isCrash) each.die("57P01", "terminating connection due to administrator command");
          else {
            each.link.cut("end", false);
            each.exit();
          }
        }
        return;
      case "refuse":
        this.#refusesUntilMs = nowMs + fault.ms;
        return;
      case "full":
        this.#fullUntilMs = nowMs + fault.ms;
        return;
      case "slowStart":
        this.#slowUntilMs = nowMs + fault.forMs;
        this.#slowMs = fault.ms;
        return;
      case "hang":
        this.#hangs += fault.count;
        return;
      case "lateCancel":
        this.#lateUntilMs = nowMs + fault.forMs;
        this.#lateMs = fault.ms;
        return;
      case "block":
        return void this.time.block(fault.ms);
      case "suspend":
        return void this.time.suspend(fault.ms);
      case "forget":
        return void backend?.session.prepared.clear();
      case "alter":
        this.schema++;
    }
  }

  onAnswered(link: Link, isInTransaction: boolean): void {
    this.#sent.get(link)?.answered(isInTransaction);
  }

  onGone(backend: Backend): void {
    this.#backends.delete(backend.pid);
  }

  violate(rule: string): void {
    this.#options.violate(rule);
  }
}
