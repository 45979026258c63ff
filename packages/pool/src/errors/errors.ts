import { sharedSymbol } from "./shared-symbol.ts";

/** Stable codes of the errors this package throws. They are API: a code is never renamed. */
export type PoolErrorCode =
  | "POOL_CONFIG"
  | "POOL_CLOSED"
  | "POOL_ACQUIRE_TIMEOUT"
  | "POOL_SATURATED"
  | "COMMIT_UNKNOWN"
  | "TRANSACTION_ABORTED"
  | "TRANSACTION_OVER"
  | "STATEMENT_TIMEOUT"
  | "NESTED_ACQUIRE"
  | "TRANSACTION_OPTIONS"
  | "SCOPE"
  | "TOO_MANY_PARAMETERS"
  | "MISPLACED_STATEMENT"
  | "PREPARED_QUERY"
  | "SESSION_REQUIRED"
  | "TENANT_ID"
  | "TENANT_TOKEN"
  | "UNSAFE_ROLE"
  | "WRONG_ROLE"
  | "BATCH"
  | "BATCH_TOO_LARGE"
  | "READ_TOKEN"
  | "REPLICA_UNAVAILABLE";

/** Tells an error of this package, whichever copy of it has made the error. */
const BRAND = /* @__PURE__ */ sharedSymbol("error");

/**
 * What every error of this package is: an `Error` with a stable `code`, and the original as `cause`.
 *
 * `instanceof` goes by the code: Next.js bundles this module into several graphs, and an error that the pool of one throws
 * is caught in another, which has classes of its own.
 */
export abstract class PoolError extends Error {
  abstract readonly code: PoolErrorCode;
  /** Spelled out in each class: a minifier would change the class's own. */
  abstract override readonly name: string;
  static readonly code?: PoolErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    if (typeof error !== "object" || error === null || !(BRAND in error) || !("code" in error)) return false;
    // biome-ignore lint/complexity/noThisInStatic: the class that stands on the right of `instanceof`
    const { code } = this;
    return code === undefined || code === error.code;
  }
}

/** The base of one class of errors. */
function poolError<Name extends string, Code extends PoolErrorCode>(name: Name, code: Code) {
  return class extends PoolError {
    static override readonly code: PoolErrorCode = code;
    readonly code = code;
    readonly name = name;
  };
}

/** Settings are wrong. `faults` lists every one of them, each with what would be right. */
export class PoolConfigError extends /* @__PURE__ */ poolError("PoolConfigError", "POOL_CONFIG") {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    const heading = faults.length === 1 ? "1 setting is wrong" : `${faults.length} settings are wrong`;
    super(`${heading}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** The pool is draining or closed; the statement was not sent. */
export class PoolClosedError extends /* @__PURE__ */ poolError("PoolClosedError", "POOL_CLOSED") {}

/** No connection came free within the acquire deadline; nothing was sent. Safe to retry. */
export class AcquireTimeoutError extends /* @__PURE__ */ poolError(
  "AcquireTimeoutError",
  "POOL_ACQUIRE_TIMEOUT",
) {}

/** The queue for connections is full; nothing was sent. Shed load, or retry later. */
export class PoolSaturatedError extends /* @__PURE__ */ poolError("PoolSaturatedError", "POOL_SATURATED") {}

/**
 * The connection was lost while COMMIT was under way: it may or may not have happened. Or a synchronous standby has not
 * confirmed it: it has happened, and a failover may lose it. Do not retry blindly.
 */
export class CommitUnknownError extends /* @__PURE__ */ poolError("CommitUnknownError", "COMMIT_UNKNOWN") {}

/** A statement inside the transaction had failed and was swallowed, so COMMIT kept nothing. */
export class TransactionAbortedError extends /* @__PURE__ */ poolError(
  "TransactionAbortedError",
  "TRANSACTION_ABORTED",
) {}

/** A transaction's handle was used after its end; nothing was sent. */
export class TransactionOverError extends /* @__PURE__ */ poolError(
  "TransactionOverError",
  "TRANSACTION_OVER",
) {}

/**
 * A statement exceeded its deadline. `outcomeKnown`: the server confirmed that it was cancelled, so nothing of it is kept;
 * otherwise its connection was cut, or it may have committed on its way, as procedures do: it may have taken effect, or a part of it.
 */
export class StatementTimeoutError extends /* @__PURE__ */ poolError(
  "StatementTimeoutError",
  "STATEMENT_TIMEOUT",
) {
  readonly outcomeKnown: boolean;

  constructor(timeoutMs: number, outcomeKnown: boolean, options?: ErrorOptions) {
    super(
      outcomeKnown
        ? `Query read timeout: a statement took longer than ${timeoutMs} ms and was cancelled: nothing of it is kept`
        : `Query read timeout: a statement took longer than ${timeoutMs} ms and was cut off: it may have taken effect, or a part of it`,
      options,
    );
    this.outcomeKnown = outcomeKnown;
  }
}

/**
 * All connections are held by callers who wait for another one, so nobody would ever be served: use the transaction's
 * own handle inside a transaction.
 */
export class NestedAcquireError extends /* @__PURE__ */ poolError("NestedAcquireError", "NESTED_ACQUIRE") {}

/**
 * A transaction was asked for with an isolation level or access mode that Postgres does not have, or a batch with an `atomic` that cannot
 * be; nothing was sent.
 */
export class TransactionOptionsError extends /* @__PURE__ */ poolError(
  "TransactionOptionsError",
  "TRANSACTION_OPTIONS",
) {}

/** A scope has no settings, or a value that its setting cannot have; no connection was taken. */
export class ScopeError extends /* @__PURE__ */ poolError("ScopeError", "SCOPE") {}

/** A statement has more parameters than the protocol can count; nothing was sent. */
export class TooManyParametersError extends /* @__PURE__ */ poolError(
  "TooManyParametersError",
  "TOO_MANY_PARAMETERS",
) {}

/**
 * A statement cannot run where it was given, within a scope or a transaction's work; nothing was sent. With the server's error as
 * `cause` (25006) it was sent to be read and has tried to write: nothing was kept.
 */
export class MisplacedStatementError extends /* @__PURE__ */ poolError(
  "MisplacedStatementError",
  "MISPLACED_STATEMENT",
) {}

/** A query that is prepared for any tenant cannot be built, or was called without its values; nothing was sent. */
export class PreparedQueryError extends /* @__PURE__ */ poolError("PreparedQueryError", "PREPARED_QUERY") {}

/** A statement would leave something in its session, which a pooler in between shares with others; nothing was sent. */
export class SessionRequiredError extends /* @__PURE__ */ poolError(
  "SessionRequiredError",
  "SESSION_REQUIRED",
) {}

/** The tenant id is not a UUID; no connection was taken. */
export class TenantIdError extends /* @__PURE__ */ poolError("TenantIdError", "TENANT_ID") {}

/** A scope could not be signed for its connection; nothing was sent. One that the server refuses is its error OH001. */
export class TenantTokenError extends /* @__PURE__ */ poolError("TenantTokenError", "TENANT_TOKEN") {}

/** Row-level security does not bind the database role, or the role can end that: nobody is served as it. */
export class UnsafeRoleError extends /* @__PURE__ */ poolError("UnsafeRoleError", "UNSAFE_ROLE") {}

/** A server answers and is not the one that `target_session_attrs` wants, or was replaced as the primary; nothing was sent to it. */
export class WrongRoleError extends poolError("WrongRoleError", "WRONG_ROLE") {}

/**
 * A statement of a batch has failed, by the server's word in `cause`: nothing of the batch is kept. Where its values could not be
 * written, nothing was sent; where its rows could not be read, all of it is kept, and the message says so.
 */
export class BatchError extends /* @__PURE__ */ poolError("BatchError", "BATCH") {
  /** Which statement it was, counted from 0. None where the commit was refused, as by a deferred constraint. */
  readonly index: number | undefined;

  constructor(message: string, index: number | undefined, options: ErrorOptions) {
    super(message, options);
    this.index = index;
  }
}

/** A batch has more statements, or more characters in them, than may be held in memory for one; nothing was sent. */
export class BatchTooLargeError extends /* @__PURE__ */ poolError("BatchTooLargeError", "BATCH_TOO_LARGE") {}

/** What was given as the position of a write is none, or none that the primary has reached; nothing was sent to the primary. */
export class ReadTokenError extends /* @__PURE__ */ poolError("ReadTokenError", "READ_TOKEN") {}

/**
 * No replica could serve a read, and as many reads as may are with the primary in their place: nothing is kept from the primary's own
 * callers. Shed load, or retry later.
 */
export class ReplicaUnavailableError extends /* @__PURE__ */ poolError(
  "ReplicaUnavailableError",
  "REPLICA_UNAVAILABLE",
) {}
