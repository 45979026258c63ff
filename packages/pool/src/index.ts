export { CallSite } from "./call-site.ts";
export { CheckoutScope, runInCheckoutScope } from "./checkout-scope.ts";
export { Client } from "./client.ts";
export { type PoolOptions, type ResolvedPoolOptions, resolveConfig } from "./config.ts";
export { resetSession } from "./connection-state.ts";
export { type DrizzleOverPool, drizzleOverPool } from "./drizzle.ts";
export type { ConnectionSource } from "./drizzle-client.ts";
export { type DatabaseSettings, readSettings } from "./env.ts";
export {
  AcquireTimeoutError,
  CommitUnknownError,
  NestedAcquireError,
  PoolClosedError,
  PoolConfigError,
  PoolError,
  type PoolErrorCode,
  PoolSaturatedError,
  StatementTimeoutError,
  TenantIdError,
  TransactionAbortedError,
  TransactionOptionsError,
  TransactionOverError,
  UnsafeRoleError,
} from "./errors.ts";
export type { PoolEvents } from "./events.ts";
export { HealthProbe, type HealthReport, type HealthStatus } from "./health.ts";
export { heldOf, whileHolding } from "./holding.ts";
export {
  beginDraining,
  closeOnSignals,
  type LifecycleState,
  lifecycleState,
  markClosed,
  markOpen,
  takeOverSignals,
} from "./lifecycle.ts";
export { type AcquireOptions, Pool } from "./pool.ts";
export { redactError } from "./redact.ts";
export { forgetProcessWide, processWide, processWideCurrent } from "./registry.ts";
export { RetryBudget, type RetryOptions, withRetry } from "./retry.ts";
export { SingleClientPool } from "./single-client.ts";
export { classifyError, type ErrorClass, type ErrorKind } from "./sqlstate.ts";
export { isSaturated, type PoolStats, type PoolTotals, type PublicPoolStats } from "./stats.ts";
export {
  consoleLogger,
  describeError,
  type ErrorDescription,
  type Logger,
} from "./telemetry.ts";
export { parseDatabaseUrl } from "./url.ts";
