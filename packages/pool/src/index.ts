export { CheckoutScope, currentCheckoutScope, runInCheckoutScope } from "./acquire/checkout-scope.ts";
export { connectionsHeldBy, runHolding } from "./acquire/held-connections.ts";
export { signalOf } from "./async/on-abort.ts";
export { parseDatabaseUrl } from "./config/database-url.ts";
export { type DatabaseConfig, readSettings } from "./config/env.ts";
export { type PoolOptions, type ResolvedPoolOptions, resolveConfig } from "./config/options.ts";
export { resetSession } from "./connection/reset.ts";
export { classifyError, type ErrorClass, type ErrorKind } from "./errors/classify.ts";
export {
  AcquireTimeoutError,
  BatchError,
  BatchTooLargeError,
  CommitUnknownError,
  MisplacedStatementError,
  NestedAcquireError,
  PoolClosedError,
  PoolConfigError,
  PoolError,
  type PoolErrorCode,
  PoolSaturatedError,
  PreparedQueryError,
  ReadTokenError,
  ReplicaUnavailableError,
  ScopeError,
  SessionRequiredError,
  StatementTimeoutError,
  TenantIdError,
  TenantTokenError,
  TooManyParametersError,
  TransactionAbortedError,
  TransactionOptionsError,
  TransactionOverError,
  UnsafeRoleError,
  WrongRoleError,
} from "./errors/errors.ts";
export { redactError } from "./errors/redact.ts";
export type { PoolEvents } from "./events.ts";
export {
  ConnectionBudget,
  type ConnectionBudgetOptions,
  connectionsBeside,
} from "./health/connection-budget.ts";
export { CONNECTION_LIMITS, type ConnectionLimits, leastLimit } from "./health/connection-limits.ts";
export { HealthProbe, type HealthReport, type ProbeOptions } from "./health/probe.ts";
export type { HealthKind, HealthStatus } from "./health/verdict.ts";
export { connectClient } from "./hosts/connect.ts";
export type { PoolHost, SeenServer } from "./hosts/hosts.ts";
export { type AcquireOptions, Pool } from "./pool.ts";
export { poolFromUrl } from "./pool-from-url.ts";
export { closeOnSignals } from "./process/shutdown.ts";
export { currentAttempt } from "./query/attempt.ts";
export { Client } from "./query/client.ts";
export { laterToken, ReadToken, readToken } from "./query/read-token.ts";
export { type PromisedWaiter, waitIn } from "./queue/promised-waiter.ts";
export { WaitQueue } from "./queue/wait-queue.ts";
export type { FallbackReason } from "./replicas/fallback-reason.ts";
export type { ReplicaReadOptions } from "./replicas/read-options.ts";
export {
  type ReplicaOptions,
  type ReplicaPool,
  ReplicaSet,
  type ReplicaSetOptions,
  type ReplicaStats,
} from "./replicas/replica-set.ts";
export { RetryBudget, type RetryOptions, type RetryStats, withRetry } from "./retry.ts";
export { type RunningCode, SingleClientPool } from "./single-client/single-client-pool.ts";
export {
  AutoPoolSize,
  type AutoPoolSizeOptions,
  type ShareOfPool,
  type SizedPool,
} from "./sizing/auto-pool-size.ts";
export { type AutoSize, type AutoSizeState, autoSize } from "./sizing/auto-size.ts";
export {
  describePoolSize,
  loadBetween,
  type PoolLoad,
  poolSizeFor,
  shareThatWaits,
  shareThatWaitsLonger,
  type UseTotals,
  type WaitGoal,
} from "./sizing/pool-size.ts";
export { CallSite } from "./telemetry/call-site.ts";
export { DurationHistogram, foldHistogram, type Histogram, quantileMs } from "./telemetry/histogram.ts";
export { type LimitedLog, type LogContext, limitedLog } from "./telemetry/limited-log.ts";
export {
  consoleLogger,
  describeError,
  type ErrorDescription,
  type FieldsFirstLogger,
  type LogEvent,
  type Logger,
  pinoLogger,
} from "./telemetry/logger.ts";
export {
  isSaturated,
  type PoolHolder,
  type PoolStats,
  type PoolTotals,
  type PublicPoolStats,
  type SizeReason,
} from "./telemetry/stats.ts";
export { type ConnectionSource, ScopedPool } from "./transaction/scoped-pool.ts";
