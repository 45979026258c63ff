import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { oneOf, readableByAllPolicies, tenantColumn } from "./tenant.ts";
import { tenants } from "./tenants.ts";

const KINDS = ["staff_email", "onboarding_code", "homeowner_email"] as const;

/**
 * Answers which tenant an e-mail or an onboarding code belongs to, before the tenant is known. Somebody may have homes of
 * several companies: a homeowner's e-mail leads to all of them, anything else to one.
 * Holds neither of them, only a hash with a key that the database does not know. The portals' role has no grant on it:
 * it goes through the functions `directory_…`, which answer for one hash, and write the tenant's own rows only.
 */
export const tenantDirectory = pgTable(
  "tenant_directory",
  {
    lookupHash: text("lookup_hash").notNull(),
    kind: text("kind", { enum: KINDS }).notNull(),
    tenantId: tenantColumn(),
  },
  (table) => [
    primaryKey({ name: "tenant_directory_pkey", columns: [table.lookupHash, table.tenantId] }),
    uniqueIndex("tenant_directory_one_tenant_key")
      .on(table.lookupHash)
      .where(sql`${table.kind} <> 'homeowner_email'`),
    foreignKey({
      name: "tenant_directory_tenant_fk",
      columns: [table.tenantId],
      foreignColumns: [tenants.tenantId],
    }).onDelete("restrict"),
    index("tenant_directory_tenant_idx").on(table.tenantId),
    check("tenant_directory_lookup_hash_check", sql`${table.lookupHash} ~ '^[0-9a-f]{64}$'`),
    check("tenant_directory_kind_check", oneOf(table.kind, KINDS)),
    ...readableByAllPolicies(),
  ],
);
