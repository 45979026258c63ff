import { type ScopeOptions, settingsFor, type TransactionSettings } from "./query/local-settings.ts";
import { type ConnectionSource, ScopedPool } from "./transaction/scoped-pool.ts";

export type { ScopeOptions, Sign, TransactionSettings } from "./query/local-settings.ts";
export {
  type CatalogCheckOptions,
  type CatalogFault,
  type CatalogFaultKind,
  findCatalogFaults,
} from "./scope/catalog-check.ts";
export { defineScope, type ScopeDefinition, type ScopeValues } from "./scope/define-scope.ts";
export {
  assertRoleIsBound,
  type CheckedConnection,
  onlyBoundRoles,
  whyUnbound,
} from "./scope/role-check.ts";
export type { SettingType, SettingValue } from "./scope/setting-types.ts";
export { leavesNothing } from "./sql/session-effect.ts";
export type { BatchOptions, SeparateBatchOptions } from "./transaction/batch.ts";

/** What {@link scoped} makes. */
export type Scoped = Pick<ScopedPool, "query" | "transaction" | "batch">;

/**
 * The pool as one tenant: every statement and transaction runs with the scope's settings, such as
 * `{ "app.tenant_id": id }`, which policies read by `current_setting('app.tenant_id', true)`. They travel with the
 * statement, or with BEGIN, and end with it. Cheap to make: once per request.
 *
 * @param options.sign makes what is sent in the place of `scope`, once the connection is known.
 * @throws {ScopeError} `scope` has no settings, or one is no string; no connection was taken.
 */
export function scoped(
  pool: ConnectionSource,
  scope: TransactionSettings,
  options: ScopeOptions = {},
): Scoped {
  return new ScopedPool(() => pool, settingsFor(scope, options));
}
