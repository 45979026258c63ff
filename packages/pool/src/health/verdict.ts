import type { ErrorKind } from "../errors/classify.ts";
import { isSaturated, type PoolStats } from "../telemetry/stats.ts";

/** draining: the process is going. degraded: it serves, and something is wrong, which `error` names, or callers wait. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy" | "draining";

/** Everything that a report's `error` can be; docs/operating/health.md says what each one means. */
export type HealthKind =
  | "timeout"
  | "connection_refused"
  | "dns"
  | "auth"
  | "tls"
  | "too_many_connections"
  | "disk_full"
  | "starting_up"
  | "not_accepting"
  | "shutting_down"
  | "connection_lost"
  | "read_only"
  | "permission"
  | "config"
  | "pooler_waiting"
  | "event_loop"
  | "unknown";

/** What a probe's own error is to whoever asks for health. Those of callers' statements do not come of a probe. */
const OF_ERROR = {
  timeout: "timeout",
  connection_refused: "connection_refused",
  dns: "dns",
  auth: "auth",
  tls: "tls",
  too_many_connections: "too_many_connections",
  disk_full: "disk_full",
  starting_up: "starting_up",
  not_accepting: "not_accepting",
  shutting_down: "shutting_down",
  connection_lost: "connection_lost",
  read_only: "read_only",
  permission: "permission",
  config: "config",
  saturated: "unknown",
  closed: "unknown",
  serialization: "unknown",
  constraint: "unknown",
  data: "unknown",
  schema: "unknown",
  canceled: "unknown",
  unknown: "unknown",
} as const satisfies Record<ErrorKind, HealthKind>;

/** @param isUnsent a pooler has said it, and has sent nothing on. */
export function healthKind(kind: ErrorKind, isUnsent = false): HealthKind {
  return isUnsent && kind === "timeout" ? "pooler_waiting" : OF_ERROR[kind];
}

/** How far a probe came: a connection of its own is what a full or a distant server denies it first. */
export type ProbeStep = "connecting" | "asking";

/** Something is wrong, and statements are answered: by their own account, whatever the pool does. */
const SERVES_ANYWAY: ReadonlySet<HealthKind> = new Set<HealthKind>(["read_only", "event_loop"]);
/** What refuses the probe would refuse callers, also where connections of before still serve some. */
const REFUSES_CALLERS: ReadonlySet<HealthKind> = new Set<HealthKind>(["config", "permission", "unknown"]);
/** Why a server that serves may have no connection for the probe, or not yet. */
const SHORT_OF_CONNECTIONS: ReadonlySet<HealthKind> = new Set<HealthKind>([
  "timeout",
  "too_many_connections",
  "pooler_waiting",
]);
/** How long a statement's answer says that the database serves, in milliseconds. */
const ANSWER_COUNTS_MS = 5_000;

/**
 * What became of the probes since the last one that succeeded, and what a statement's answer says against it.
 *
 * An answer counts for five seconds, and where the probe got as far as a server that refused it or said nothing, only if it
 * came after that: what was answered before says nothing of a server that has gone since.
 */
export class FailureRow {
  readonly kind: HealthKind;
  /** Answers count from here on. */
  readonly #countsFromMs: number;
  readonly #isPlain: boolean;
  /** It was heard of a server that answers statements, whatever they may do. */
  readonly #serves: boolean;

  /** @param startedAtMs when the probe began, on the clock of `performance.now()`, as all times here. */
  constructor(kind: HealthKind, step: ProbeStep, startedAtMs: number, last?: FailureRow) {
    const before = last === undefined || last.#serves ? undefined : last;
    this.kind = kind;
    // A server that is refused for its role while connecting serves nobody.
    this.#serves = SERVES_ANYWAY.has(kind) && !(kind === "read_only" && step === "connecting");
    const isPlain = !(step === "connecting" && SHORT_OF_CONNECTIONS.has(kind));
    const wasPlain = before === undefined ? undefined : before.#isPlain;
    this.#isPlain = isPlain || wasPlain === true;
    const keepsBefore = before !== undefined && wasPlain === this.#isPlain;
    const fromMs = isPlain ? startedAtMs : startedAtMs - ANSWER_COUNTS_MS;
    this.#countsFromMs = keepsBefore ? before.#countsFromMs : fromMs;
  }

  /** Whether callers are served all the same. @param answeredAtMs when a statement was last answered, as of `nowMs`. */
  isOutweighed(answeredAtMs: number, nowMs: number): boolean {
    if (this.#serves) return true;
    if (REFUSES_CALLERS.has(this.kind)) return false;
    return answeredAtMs > Math.max(this.#countsFromMs, nowMs - ANSWER_COUNTS_MS);
  }
}

export function statusOf(
  { failed, serves }: { failed: boolean; serves: boolean },
  stats: PoolStats,
  draining: boolean,
): HealthStatus {
  if (draining) return "draining";
  if (failed) return serves ? "degraded" : "unhealthy";
  return isSaturated(stats) ? "degraded" : "healthy";
}
