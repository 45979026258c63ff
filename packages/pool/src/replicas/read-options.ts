import { ScopeError } from "../errors/errors.ts";
import { type ReadToken, readToken } from "../query/read-token.ts";

/** What a read asks of a replica. */
export interface ReplicaReadOptions {
  /** The replica must have come to this position of the log, such as that behind the caller's own write. @default none */
  readonly after?: ReadToken | undefined;
  /** A replica that is known to be further behind, in milliseconds, is not asked. At least 0. @default 5_000 */
  readonly maxLagMs?: number | undefined;
}

export const DEFAULT_MAX_LAG_MS = 5_000;

/**
 * @throws {ReadTokenError} `after` is no position.
 * @throws {ScopeError} `maxLagMs` is no number from 0 on.
 */
export function checkedReadOptions({ after, maxLagMs }: ReplicaReadOptions): ReplicaReadOptions {
  if (maxLagMs !== undefined && !(maxLagMs >= 0))
    throw new ScopeError("a replica's maxLagMs is a number of milliseconds, at least 0; nothing was sent");
  return { after: after === undefined ? undefined : readToken(String(after)), maxLagMs };
}
