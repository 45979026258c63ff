import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { unref } from "../pg/internals.ts";
import { isSaturated, type PoolStats, type PublicPoolStats } from "../telemetry/stats.ts";

/** degraded: the database answers, but every connection is in use and callers wait. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy" | "draining";

export interface HealthReport {
  /** Whether the database answered, at the last probe. */
  readonly healthy: boolean;
  readonly status: HealthStatus;
  /** How long the last probe took, in milliseconds. */
  readonly latencyMs: number;
  readonly poolStats: PublicPoolStats;
  /** Why the last probe failed: a kind, never a message. */
  readonly error?: ErrorKind;
  /** Probes that failed since the last one that did not. */
  readonly consecutiveFailures: number;
  /** Whether the database has ever answered this process. */
  readonly everHealthy: boolean;
  /** Whether a pooler stands in front of the database; absent where the last probe failed. */
  readonly behindPooler?: boolean;
}

/** What a probe asks, in one flight; an error that it throws is why the database does not count as healthy. */
export type ProbeQuestion = (client: pg.Client) => Promise<{ readonly behindPooler: boolean }>;

/** How long a probe's result serves further callers, in milliseconds. */
const KEEP_MS = 2_000;
/** And at most, where the server refuses to sign the role in: tried too often, some servers lock it out. In milliseconds. */
const LONGEST_KEEP_MS = 30_000;
/** How long a probe may take, connecting included. Kubernetes gives a probe one second. */
const TIMEOUT_MS = 900;
/** How long the server may take to close the connection after our goodbye, in milliseconds. */
const TERMINATE_TIMEOUT_MS = 1_000;
/** After this long without a probe its connection is closed, in milliseconds, so that a database may scale to zero. */
const IDLE_MS = 60_000;

interface ProbeResult {
  readonly at: number;
  readonly latencyMs: number;
  readonly error: ErrorKind | undefined;
  readonly behindPooler?: boolean;
}

/**
 * Asks the database whether it answers, on a connection of its own: a pool whose connections are all in use says
 * nothing about the database. Probes are single-flight and their result is kept for two seconds, so that a thousand
 * callers a second cost one statement every two. A refused sign-in is remembered, from two seconds up to half a minute.
 */
export class HealthProbe {
  readonly #makeClient: () => pg.Client;
  readonly #ask: ProbeQuestion;
  #client: pg.Client | undefined;
  #underWay: Promise<ProbeResult> | undefined;
  #last: ProbeResult | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #consecutiveFailures = 0;
  #consecutiveRefusals = 0;
  #everHealthy = false;

  /**
   * @param ask what to ask besides for an answer, such as `assertRoleIsBound`: a process that may serve nothing is not
   * healthy.
   */
  constructor(makeClient: () => pg.Client, ask: ProbeQuestion = askForBackend) {
    this.#makeClient = makeClient;
    this.#ask = ask;
  }

  /** Never throws. Settles within 900 ms. */
  async check(stats: PoolStats, draining: boolean): Promise<HealthReport> {
    const { latencyMs, error, behindPooler } = await this.#result();
    const { totalCount, idleCount, waitingCount } = stats;
    return {
      healthy: error === undefined,
      status: statusOf(error, stats, draining),
      latencyMs,
      poolStats: { totalCount, idleCount, waitingCount },
      ...(error === undefined ? {} : { error }),
      consecutiveFailures: this.#consecutiveFailures,
      everHealthy: this.#everHealthy,
      ...(behindPooler === undefined ? {} : { behindPooler }),
    };
  }

  /** Closes the probe's connection, within a second. A later check opens a new one. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // Its timer keeps the process, as the connection does not, until whoever awaits the end has heard of it.
    await withTimeout(client.end(), TERMINATE_TIMEOUT_MS, () => new Error("no goodbye")).catch(() =>
      client.connection.stream.destroy(),
    );
  }

  #result(): Promise<ProbeResult> {
    if (this.#last !== undefined && performance.now() - this.#last.at < this.#keepMs())
      return Promise.resolve(this.#last);
    this.#underWay ??= this.#probe().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  #keepMs(): number {
    const refusals = Math.max(this.#consecutiveRefusals, 1);
    return Math.min(KEEP_MS * 2 ** (refusals - 1), LONGEST_KEEP_MS);
  }

  async #probe(): Promise<ProbeResult> {
    clearTimeout(this.#idleTimer);
    const started = performance.now();
    const { error, ...answer } = await this.#answer();
    const now = performance.now();
    this.#last = { at: now, latencyMs: Math.round(now - started), error, ...answer };
    this.#consecutiveFailures = error === undefined ? 0 : this.#consecutiveFailures + 1;
    this.#consecutiveRefusals = error === "auth" ? this.#consecutiveRefusals + 1 : 0;
    this.#everHealthy ||= error === undefined;
    this.#idleTimer = setTimeout(() => void this.close(), IDLE_MS).unref();
    return this.#last;
  }

  async #answer(): Promise<Pick<ProbeResult, "error" | "behindPooler">> {
    try {
      const { behindPooler } = await withTimeout(
        this.#connectAndAsk(),
        TIMEOUT_MS,
        () => new DOMException(`no answer within ${TIMEOUT_MS} ms`, "TimeoutError"),
      );
      return { error: undefined, behindPooler };
    } catch (error) {
      this.#discard();
      return { error: classifyError(error).kind };
    }
  }

  async #connectAndAsk(): ReturnType<ProbeQuestion> {
    const client = this.#client ?? (await this.#connect());
    const answer = await this.#ask(client);
    // The connection alone does not keep a process running.
    if (this.#client === client) unref(client);
    return answer;
  }

  async #connect(): Promise<pg.Client> {
    const client = this.#makeClient();
    this.#client = client;
    // A connection lost between probes says nothing yet: the next probe opens another.
    client.on("end", () => this.#forget(client));
    client.on("error", () => this.#forget(client));
    await client.connect();
    return client;
  }

  #forget(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
  }

  /** Cuts the connection: a server that does not answer would not answer a goodbye either. */
  #discard(): void {
    this.#client?.connection.stream.destroy();
    this.#client = undefined;
  }
}

async function askForBackend(client: pg.Client): ReturnType<ProbeQuestion> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return { behindPooler: "processID" in client && rows[0]?.pid !== client.processID };
}

function statusOf(error: ErrorKind | undefined, stats: PoolStats, draining: boolean): HealthStatus {
  if (draining) return "draining";
  if (error !== undefined) return "unhealthy";
  return isSaturated(stats) ? "degraded" : "healthy";
}
