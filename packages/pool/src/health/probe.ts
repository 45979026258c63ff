import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import type { HostsOptions } from "../config/session-target.ts";
import { classifyError } from "../errors/classify.ts";
import { isUnsent } from "../errors/unsent.ts";
import { hostsOf } from "../hosts/hosts.ts";
import { type Logger, writeLine } from "../telemetry/logger.ts";
import type { PoolStats, PublicPoolStats } from "../telemetry/stats.ts";
import { LoopDelay } from "./loop-delay.ts";
import { type MakeProbeClient, ProbeConnection } from "./probe-connection.ts";
import { SERVER_STATE, type ServerState, type ServerStateRow, serverState } from "./server-state.ts";
import {
  FailureRow,
  type HealthKind,
  type HealthStatus,
  healthKind,
  type ProbeStep,
  statusOf,
} from "./verdict.ts";

export interface HealthReport {
  /** Whether callers are served, as far as is known: the database answered the probe, or lately a statement of the pool's. */
  readonly healthy: boolean;
  readonly status: HealthStatus;
  /** How long the database took to answer the last probe, without connecting; where it did not, how long the probe took. In milliseconds. */
  readonly latencyMs: number;
  readonly poolStats: PublicPoolStats;
  /** What is wrong: a kind, never a message. */
  readonly error?: HealthKind;
  /** Probes in a row that failed while nothing was served. */
  readonly consecutiveFailures: number;
  /** Whether the database has ever answered this process. */
  readonly everHealthy: boolean;
  /** Whether a pooler stands in front of the database; absent, as is the next, where the last probe failed. */
  readonly behindPooler?: boolean;
  readonly serverRole?: "primary" | "standby";
  /** Which of several servers was asked, or could not be reached; not for the public. */
  readonly server?: string;
  /** With `event_loop`: for how long this process stood still at a time, in milliseconds. */
  readonly eventLoopDelayMs?: number;
}

/** What a probe asks besides; an error that it throws is why the database does not count as healthy. */
export type ProbeQuestion = (client: pg.Client) => Promise<unknown>;

export interface ProbeOptions {
  /** What the pool does with each new connection, such as its `check` and `onConnect`: where it throws, callers are refused. */
  readonly setUp?: ((client: pg.Client) => unknown) | undefined;
  /** Whether the process is to write: a server that takes no writes is told as `read_only` then. @default true */
  readonly writes?: boolean;
  /** The pool's options, where they name several servers: the probe goes where callers would go. */
  readonly hosts?: HostsOptions;
  /** Hears of each change of the status. */
  readonly logger?: Logger | undefined;
}

/** How long a probe's result serves further callers, in milliseconds. */
const KEEP_MS = 2_000;
/** And at most, where the server refuses to sign the role in: tried too often, some servers lock it out. In milliseconds. */
const LONGEST_KEEP_MS = 30_000;
/** How long a probe may take, connecting included. Kubernetes gives a probe one second. */
const TIMEOUT_MS = 900;
/** Who has signed in and answers nothing for so long is a pooler that waits for its server: a server's own process would answer. */
const SIGNED_IN_SILENCE_MS = 450;
/** A process that stood still for so long is what is wrong, whatever the database does; and it is to blame for an answer that is late. */
const LOOP_DELAY_MS = 500;
/** After this long without a probe its connection is closed, in milliseconds, so that a database may scale to zero. */
const IDLE_MS = 60_000;

interface ProbeResult {
  readonly at: number;
  readonly latencyMs: number;
  readonly state?: ServerState;
  readonly server?: string;
  /** What is wrong, if anything is. */
  readonly row: FailureRow | undefined;
  readonly eventLoopDelayMs?: number;
}

/**
 * Asks the database whether it answers, on a connection of its own: a pool whose connections are all in use says
 * nothing about the database. Probes are single-flight and their result is kept for two seconds, so that a thousand
 * callers a second cost one statement every two. A refused sign-in is remembered, from two seconds up to half a minute.
 *
 * What the pool does is heard, too: a probe that cannot connect while statements are answered says so, and no more.
 */
export class HealthProbe {
  readonly #connection: ProbeConnection;
  readonly #ask: ProbeQuestion | undefined;
  readonly #writes: boolean;
  readonly #logger: Logger | undefined;
  #underWay: Promise<ProbeResult> | undefined;
  #last: ProbeResult | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #consecutiveFailures = 0;
  #consecutiveRefusals = 0;
  #everHealthy = false;
  /** When the probe's own connection last answered, in time or not. */
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #told: HealthStatus | undefined;

  /**
   * @param makeClient makes the probe's own connection; with `hosts` it is given what puts the host into the options.
   * @param ask what to ask besides for an answer, such as `assertRoleIsBound`: a process that may serve nothing is not
   * healthy.
   */
  constructor(
    makeClient: MakeProbeClient,
    ask?: ProbeQuestion,
    { setUp = () => {}, writes = true, hosts, logger }: ProbeOptions = {},
  ) {
    this.#connection = new ProbeConnection(makeClient, setUp, hosts && hostsOf(hosts));
    this.#ask = ask;
    this.#writes = writes;
    this.#logger = logger;
  }

  /** Never throws. Settles within 900 ms, as far as the event loop runs. */
  async check(stats: PoolStats, draining: boolean): Promise<HealthReport> {
    const calledAtMs = performance.now();
    const { row, latencyMs, state, server, eventLoopDelayMs } = await this.#result();
    const {
      totalCount,
      idleCount,
      waitingCount,
      max,
      maxReason,
      answeredMsAgo = Number.POSITIVE_INFINITY,
    } = stats;
    const answeredAtMs = Math.max(calledAtMs - answeredMsAgo, this.#answeredAtMs);
    const serves = row === undefined || row.isOutweighed(answeredAtMs, performance.now());
    if (serves) {
      this.#everHealthy = true;
      this.#consecutiveFailures = 0;
    }
    const status = statusOf({ failed: row !== undefined, serves }, stats, draining);
    this.#tell(status, row?.kind, stats, server);
    return {
      healthy: serves,
      status,
      latencyMs,
      poolStats: { totalCount, idleCount, waitingCount, ...(maxReason && { max, maxReason }) },
      ...(row === undefined ? {} : { error: row.kind }),
      consecutiveFailures: this.#consecutiveFailures,
      everHealthy: this.#everHealthy,
      ...(state && { behindPooler: state.behindPooler, serverRole: state.serverRole }),
      ...(server !== undefined && { server }),
      ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
    };
  }

  /**
   * Asks something over the probe's connection for whoever looks at the server. It should bound itself, in less than a probe may
   * take: one that becomes due meanwhile waits behind it.
   *
   * @returns undefined where there is no connection, or a probe is under way.
   * @throws what the question throws.
   */
  async askBetween<T>(question: (client: pg.Client) => Promise<T>): Promise<T | undefined> {
    const client = this.#connection.free;
    return client && (await question(client));
  }

  /** Closes the probe's connection, within a second. A later check opens a new one. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    await this.#connection.close();
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
    const { kind, step, ...found } = await this.#find();
    const { startedAtMs } = found;
    const row = kind && new FailureRow(kind, step, startedAtMs, this.#last?.row);
    this.#last = { at: performance.now(), row, ...found };
    if (kind !== undefined) this.#consecutiveFailures++; // until something speaks for the database
    this.#consecutiveRefusals = kind === "auth" ? this.#consecutiveRefusals + 1 : 0;
    this.#idleTimer = setTimeout(() => void this.close(), IDLE_MS).unref();
    return this.#last;
  }

  async #find(): Promise<
    Omit<ProbeResult, "at" | "row"> & { startedAtMs: number; kind: HealthKind | undefined; step: ProbeStep }
  > {
    const loop = new LoopDelay();
    const startedAtMs = performance.now();
    let step: ProbeStep = "connecting";
    let askedAtMs = startedAtMs;
    let state: ServerState | undefined;
    let kind: HealthKind | undefined;
    let stoodStillMs = 0;
    let server: string | undefined;
    try {
      const work = this.#connectAndAsk(() => {
        step = "asking";
        askedAtMs = performance.now();
        stoodStillMs = loop.totalMs;
      });
      work.catch(() => {});
      state = await withinLoopTime(work, loop);
      if (state.isReadOnly && this.#writes) kind = "read_only";
    } catch (error) {
      kind = healthKind(classifyError(error).kind, isUnsent(error));
      if (kind === "timeout" && this.#connection.silentMs >= SIGNED_IN_SILENCE_MS) kind = "pooler_waiting";
    } finally {
      server = this.#connection.server;
      this.#connection.rest();
      loop.stop();
    }
    const loopDelayMs = Math.round(loop.longestMs);
    const isStanding = loopDelayMs >= LOOP_DELAY_MS && (kind === undefined || kind === "timeout");
    const tookMs = performance.now() - askedAtMs - (isStanding ? loop.totalMs - stoodStillMs : 0);
    return {
      startedAtMs,
      step,
      latencyMs: Math.max(0, Math.round(tookMs)),
      ...(state && { state }),
      ...(server !== undefined && { server }),
      kind: isStanding ? "event_loop" : kind,
      ...(isStanding && { eventLoopDelayMs: loopDelayMs }),
    };
  }

  async #connectAndAsk(onConnected: () => void): Promise<ServerState> {
    const client = await this.#connection.connected();
    onConnected();
    return this.#connection.ask(client, async () => {
      const answer = await askForState(client);
      this.#answeredAtMs = performance.now();
      await this.#ask?.(client);
      return answer;
    });
  }

  #tell(status: HealthStatus, kind: HealthKind | undefined, stats: PoolStats, server?: string): void {
    const from = this.#told;
    this.#told = status;
    if (this.#logger === undefined || from === status || (from === undefined && status === "healthy")) return;
    const isWell = status === "healthy" || status === "draining";
    writeLine(this.#logger, isWell ? "info" : "warn", "db.health.changed", {
      ...(from !== undefined && { from }),
      to: status,
      ...(kind !== undefined && { kind }),
      ...(server !== undefined && { server }),
      ...stats,
    });
  }
}

/** Gives `work` its time, of which what the loop stood still is none: what has arrived meanwhile is still to be read. */
async function withinLoopTime<T>(work: Promise<T>, loop: LoopDelay): Promise<T> {
  const timedOut = () => new DOMException(`no answer within ${TIMEOUT_MS} ms`, "TimeoutError");
  const startedAtMs = performance.now();
  for (let leftMs = TIMEOUT_MS; leftMs >= 1; ) {
    const outcome = await withTimeout(
      work.then((value) => ({ value })),
      leftMs,
      timedOut,
    ).catch((error: unknown) => ({ error }));
    if ("value" in outcome) return outcome.value;
    if (!(outcome.error instanceof DOMException)) throw outcome.error;
    const elapsedMs = performance.now() - startedAtMs;
    leftMs = elapsedMs > 2 * TIMEOUT_MS ? 0 : TIMEOUT_MS - (elapsedMs - loop.totalMs);
  }
  throw timedOut();
}

async function askForState(client: pg.Client): Promise<ServerState> {
  const { rows } = await client.query<ServerStateRow>(`select ${SERVER_STATE}`);
  return serverState(client, rows[0]);
}
