import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { createdAtColumn, idColumn, instant, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";
import { tenants } from "./tenants.ts";

const STAFF_ROLES = ["developer", "viewer"] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** People of a developer company. Somebody who leaves is disabled, not deleted: documents name their uploader. */
export const staff = pgTable(
  "staff",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: STAFF_ROLES }).notNull(),
    /** Watches over the installation, whatever else they do: sees figures of all companies' load together, and nothing of theirs. */
    isOperator: boolean("is_operator").notNull().default(false),
    passwordHash: text("password_hash").notNull(),
    disabledAt: instant("disabled_at"),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ name: "staff_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "staff_tenant_fk",
      columns: [table.tenantId],
      foreignColumns: [tenants.tenantId],
    }).onDelete("restrict"),
    unique("staff_email_key").on(table.tenantId, table.email),
    check("staff_email_check", sql`${table.email} = lower(${table.email})`),
    check("staff_role_check", oneOf(table.role, STAFF_ROLES)),
    tenantPolicy(),
  ],
);
