import { classifyError, type ErrorKind } from "@openhouse/pool";

/** What a caller may be told when the database does not answer. */
export interface Unavailability {
  readonly kind: ErrorKind;
  /** Seconds, for `Retry-After`. */
  readonly retryAfterSeconds: number;
  /** Whether it is certain that the failed statement never reached the server. */
  readonly notSent: boolean;
}

/**
 * Soon where this process only has to breathe, later where somebody has to act; everything else in between.
 */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorKind, number>> = {
  saturated: 1,
  closed: 1,
  too_many_connections: 2,
  starting_up: 2,
  connection_lost: 2,
  disk_full: 30,
  auth: 30,
  tls: 30,
  config: 30,
};
const USUAL_RETRY_AFTER_SECONDS = 5;

/** Never tried again by the pool, and yet before anything was sent: there was no connection to send it on. */
const BEFORE_SENDING: ReadonlySet<ErrorKind> = new Set<ErrorKind>(["closed", "auth", "tls"]);

/**
 * Decides, by the error's kind alone, whether the database is to blame and a retry makes sense.
 * Route handlers, pages and actions all ask here, so that one fault is one answer everywhere.
 *
 * @returns null for every other error: those are bugs, or the visitor's, and must not hide behind a 503.
 */
export function databaseUnavailable(error: unknown): Unavailability | null {
  const { kind, retry, unavailable } = classifyError(error);
  if (!unavailable) return null;
  return {
    kind,
    retryAfterSeconds: RETRY_AFTER_SECONDS[kind] ?? USUAL_RETRY_AFTER_SECONDS,
    notSent: retry === "not_sent" || BEFORE_SENDING.has(kind),
  };
}
