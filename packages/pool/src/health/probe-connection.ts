import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { WrongRoleError } from "../errors/errors.ts";
import { makeHosted } from "../hosts/connect.ts";
import type { Host } from "../hosts/host.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { onDone, unref } from "../pg/internals.ts";

/** How long the server may take to close the connection after our goodbye, in milliseconds. */
const TERMINATE_TIMEOUT_MS = 1_000;
/** An attempt to connect outlives the probe that began it by as much as this at most, in milliseconds. */
const CONNECT_LIMIT_MS = 10_000;
/** The end of an attempt that no probe has waited for is told to the next one, if it is no older than this. */
const FAILURE_COUNTS_MS = 10_000;

/** Makes a client. @param at puts the host into its options that was chosen, where there are several. */
export type MakeProbeClient = (at: <T extends object>(options: T) => T) => pg.Client;

interface Link {
  readonly client: pg.Client;
  /** Which of several servers it goes to. */
  readonly host: Host | undefined;
  readonly startedAtMs: number;
  /** Resolves when it is connected and set up. */
  readonly connected: Promise<void>;
  /** `asked`: and it has not answered. */
  state: "connecting" | "ready" | "asked" | "failed";
  failedAtMs: number;
  /** When it was signed in, as long as it has answered nothing since. */
  silentSinceMs: number | undefined;
}

/**
 * The probe's own connection. Connecting belongs to no probe: on a distant server it takes longer than one may, and what one
 * has begun serves the next.
 */
export class ProbeConnection {
  readonly #makeClient: MakeProbeClient;
  readonly #hosts: Hosts | undefined;
  readonly #setUp: (client: pg.Client) => unknown;
  #link: Link | undefined;

  /**
   * @param setUp what the pool does with each new connection: what it refuses is refused here.
   * @param hosts the pool's, where it has several: the probe goes where callers would go.
   */
  constructor(makeClient: MakeProbeClient, setUp: (client: pg.Client) => unknown, hosts?: Hosts) {
    this.#makeClient = makeClient;
    this.#hosts = hosts;
    this.#setUp = setUp;
  }

  /** A connection that has nothing to do, as soon as there is one. */
  async connected(): Promise<pg.Client> {
    if (this.#isSpent() || this.#isElsewhere()) this.cut();
    let failure: unknown;
    for (let hosts = this.#hosts?.all.length ?? 1; hosts > 0; hosts--) {
      this.#link ??= this.#connect();
      const link = this.#link;
      try {
        await link.connected;
        return link.client;
      } catch (error) {
        // That a server answers, and is not the one wanted, says more than that another does not.
        if (!(failure instanceof WrongRoleError)) failure = error;
        if (this.#link !== link) break;
        if (hosts > 1) this.cut();
      }
    }
    throw failure;
  }

  /** The server that it goes to, where there are several. */
  get server(): string | undefined {
    return this.#link?.host?.name;
  }

  /** The connection, where it has nothing to do. */
  get free(): pg.Client | undefined {
    return this.#link?.state === "ready" ? this.#link.client : undefined;
  }

  /** Asks something over a connection; nobody need wait for the answer. One that has not come by the next time makes it one to cut. */
  async ask<T>(client: pg.Client, question: (client: pg.Client) => Promise<T>): Promise<T> {
    const link = this.#link;
    if (link === undefined || link.client !== client) throw new Error("the connection was given up");
    link.state = "asked";
    try {
      const answer = await question(client);
      link.state = "ready";
      return answer;
    } catch (error) {
      if (this.#link === link) this.cut();
      throw error;
    }
  }

  /** The probe is over, and has heard what there was to hear. Neither a connection nor an attempt at one keeps the process running. */
  rest(): void {
    if (this.#link?.state === "failed") this.cut();
    else if (this.#link !== undefined) unref(this.#link.client);
  }

  /** For how long the connection has been signed in without an answer to anything, in milliseconds; 0 where it has answered, or is not. */
  get silentMs(): number {
    const sinceMs = this.#link?.silentSinceMs;
    return sinceMs === undefined ? 0 : performance.now() - sinceMs;
  }

  /** Closes the connection, within a second. */
  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    if (link === undefined) return;
    const { client } = link;
    // Its timer keeps the process, as the connection does not, until whoever awaits the end has heard of it.
    await withTimeout(client.end(), TERMINATE_TIMEOUT_MS, () => new Error("no goodbye")).catch(() =>
      client.connection.stream.destroy(),
    );
  }

  /** A server that does not answer would not answer a goodbye either. */
  cut(): void {
    this.#link?.client.connection.stream.destroy();
    this.#link = undefined;
  }

  #isSpent(): boolean {
    if (this.#link === undefined) return false;
    const { state, startedAtMs, failedAtMs } = this.#link;
    const nowMs = performance.now();
    if (state === "failed") return nowMs - failedAtMs > FAILURE_COUNTS_MS;
    return state === "asked" || (state === "connecting" && nowMs - startedAtMs > CONNECT_LIMIT_MS);
  }

  /** Whether callers go to another server by now. */
  #isElsewhere(): boolean {
    const host = this.#link?.host;
    if (host === undefined || this.#hosts === undefined || this.#link?.state === "connecting") return false;
    return !this.#hosts.serves(host) || this.#hosts.hasBetterThan(host);
  }

  #hosted(): { client: pg.Client; host?: Host; connect(): Promise<unknown> } {
    const hosts = this.#hosts;
    if (hosts !== undefined) return makeHosted(hosts, this.#makeClient);
    const client = this.#makeClient((options) => options);
    return { client, connect: () => client.connect() };
  }

  #connect(): Link {
    const { client, host, connect } = this.#hosted();
    const link: Link = {
      client,
      host,
      startedAtMs: performance.now(),
      connected: this.#open(client, connect, () => {
        link.silentSinceMs = performance.now();
      }).then(
        () => {
          link.state = "ready";
        },
        (error: unknown) => {
          Object.assign(link, { state: "failed", failedAtMs: performance.now() });
          client.connection.stream.destroy();
          throw error;
        },
      ),
      state: "connecting",
      failedAtMs: 0,
      silentSinceMs: undefined,
    };
    onDone(client, () => {
      link.silentSinceMs = undefined;
    });
    link.connected.catch(() => {}); // a probe that comes later may hear of it
    // A connection lost between probes says nothing yet: the next probe opens another.
    const forget = () => {
      const isOpen = link.state === "ready" || link.state === "asked";
      if (isOpen && this.#link === link) this.#link = undefined;
    };
    client.on("end", forget);
    client.on("error", forget);
    return link;
  }

  async #open(client: pg.Client, connect: () => Promise<unknown>, onSignedIn: () => void): Promise<void> {
    await connect();
    onSignedIn();
    await this.#setUp(client);
  }
}
