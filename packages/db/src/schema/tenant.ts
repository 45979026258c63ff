import { type AnyColumn, sql } from "drizzle-orm";
import { pgPolicy, timestamp, uuid } from "drizzle-orm/pg-core";

/**
 * The tenant that a statement's token names; null without one. `nullif`: after a commit the setting reads '', not null.
 * Whether the token is right is not asked here, where it would be for each row: the policy that checks the row does.
 */
export const currentTenant = sql`nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid`;

/** The view checks the token. In a subquery, so that it is read once a statement, and an index can be used. */
const ownRow = sql`tenant_id = (select tenant from guard.current_tenant)`;

/** The first column of every tenant table. Filled in from the setting, so that queries need not name the tenant. */
export const tenantColumn = () => uuid("tenant_id").notNull().default(currentTenant);

export const idColumn = () => uuid("id").notNull().defaultRandom();

export const createdAtColumn = () => instant("created_at").notNull().defaultNow();

/** A point in time. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Enables row-level security on its table and shows a tenant its own rows only. FORCE is in a migration by hand. */
export const tenantPolicy = () =>
  pgPolicy("tenant_isolation", {
    as: "permissive",
    for: "all",
    to: "public",
    using: ownRow,
    withCheck: ownRow,
  });

/** Policies for a table that anybody may read, while only its tenant may write. */
export const readableByAllPolicies = () => [
  pgPolicy("readable_by_all", { as: "permissive", for: "select", to: "public", using: sql`true` }),
  pgPolicy("own_insert", { as: "permissive", for: "insert", to: "public", withCheck: ownRow }),
  pgPolicy("own_update", { as: "permissive", for: "update", to: "public", using: ownRow, withCheck: ownRow }),
  pgPolicy("own_delete", { as: "permissive", for: "delete", to: "public", using: ownRow }),
];

/** The condition of a check constraint that lists a text column's values. */
export const oneOf = (column: AnyColumn, values: readonly string[]) =>
  sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(", "))})`;
