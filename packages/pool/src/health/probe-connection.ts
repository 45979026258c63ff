import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { onDone, unref } from "../pg/internals.ts";

/** How long the server may take to close the connection after our goodbye, in milliseconds. */
const TERMINATE_TIMEOUT_MS = 1_000;
/** An attempt to connect outlives the probe that began it by as much as this at most, in milliseconds. */
const CONNECT_LIMIT_MS = 10_000;
/** The end of an attempt that no probe has waited for is told to the next one, if it is no older than this. */
const FAILURE_COUNTS_MS = 10_000;

interface Link {
  readonly client: pg.Client;
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
  readonly #makeClient: () => pg.Client;
  readonly #setUp: (client: pg.Client) => unknown;
  #link: Link | undefined;

  /** @param setUp what the pool does with each new connection: what it refuses is refused here. */
  constructor(makeClient: () => pg.Client, setUp: (client: pg.Client) => unknown) {
    this.#makeClient = makeClient;
    this.#setUp = setUp;
  }

  /** A connection that has nothing to do, as soon as there is one. */
  async connected(): Promise<pg.Client> {
    if (this.#isSpent()) this.cut();
    this.#link ??= this.#connect();
    const { client, connected } = this.#link;
    await connected;
    return client;
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

  #connect(): Link {
    const client = this.#makeClient();
    const link: Link = {
      client,
      startedAtMs: performance.now(),
      connected: this.#open(client, () => {
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

  async #open(client: pg.Client, onSignedIn: () => void): Promise<void> {
    await client.connect();
    onSignedIn();
    await this.#setUp(client);
  }
}
