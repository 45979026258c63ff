import { classifyError } from "../errors/classify.ts";
import { BatchError, PoolSaturatedError, StatementTimeoutError } from "../errors/errors.ts";
import { isDatabaseError } from "../errors/server-answer.ts";
import { isConfirmedInterruption } from "../query/query-timeout.ts";
import { isOfPrelude } from "../query/scoped-query.ts";

/** Why no replica was asked; `none`: there is none. */
export const SKIP_REASONS = [
  "none",
  "unmeasured",
  "unreachable",
  "promoted",
  "receiver",
  "lag",
  "timeline",
  "resting",
  "saturated",
] as const;

/** Why one was asked in vain. */
export const VAIN_REASONS = [
  "saturated",
  "behind",
  "conflict",
  "read_only",
  "token",
  "schema",
  "lost",
] as const;

/**
 * Why a read went to the primary. Not asked: `unmeasured`, `unreachable`, `promoted`, `receiver` (nothing comes from the primary any
 * more), `lag`, `timeline`, `resting`, `saturated`. Asked in vain: `behind`, `conflict`, `read_only`, `token`, `schema`, `lost`, and
 * `saturated`. `none`: there is no replica.
 */
export type FallbackReason = (typeof SKIP_REASONS | typeof VAIN_REASONS)[number];

const BY_SQLSTATE: Readonly<Record<string, FallbackReason>> = {
  // A standby has no writers, so that it is recovery which takes what the statement reads. It would be met there again.
  "40001": "conflict",
  "40P01": "conflict",
  "25006": "read_only",
  // A key, a table or a column that is not replayed yet.
  OH001: "token",
  "3F000": "schema",
  "42P01": "schema",
  "42703": "schema",
  "42704": "schema",
  "42883": "schema",
};
const DIVISION_BY_ZERO = "22012";
/** The statement's own time was over, or its wait for a lock: that of who asks, wherever they do. */
const ENDED_BY_LIMIT: ReadonlySet<string> = new Set(["57014", "55P03"]);

/** Why what a replica has refused belongs on the primary; nothing where the primary would refuse it, too. */
export function fallbackReasonOf(error: unknown): FallbackReason | undefined {
  const cause = error instanceof BatchError ? error.cause : error;
  if (isDatabaseError(cause)) {
    const { code = "" } = cause;
    if (ENDED_BY_LIMIT.has(code)) return undefined;
    if (code === DIVISION_BY_ZERO) return isOfPrelude(cause) ? "behind" : undefined;
    const known = BY_SQLSTATE[code];
    if (known !== undefined) return known;
  }
  if (cause instanceof StatementTimeoutError || isConfirmedInterruption(cause)) return undefined;
  if (cause instanceof PoolSaturatedError) return "saturated";
  const { kind, unavailable } = classifyError(cause);
  if (!unavailable || kind === "config") return undefined;
  return kind === "saturated" ? "saturated" : "lost";
}
