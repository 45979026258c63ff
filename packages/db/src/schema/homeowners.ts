import { sql } from "drizzle-orm";
import { foreignKey, index, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { idColumn, tenantColumn, tenantPolicy } from "./tenant.ts";
import { units } from "./units.ts";

/** Somebody who lives in a unit. Deleting a person takes their codes, sessions and conversations along. */
export const homeowners = pgTable(
  "homeowners",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    unitId: uuid("unit_id").notNull(),
    name: text("name").notNull(),
    email: text("email").notNull(),
    /** What a link to come back is asked for by. A column, as policies let no index of `lower(email)` be used. */
    emailKey: text("email_key").notNull().generatedAlwaysAs(sql`lower(email)`),
  },
  (table) => [
    primaryKey({ name: "homeowners_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "homeowners_unit_fk",
      columns: [table.tenantId, table.unitId],
      foreignColumns: [units.tenantId, units.id],
    }).onDelete("restrict"),
    unique("homeowners_email_key").on(table.tenantId, table.unitId, table.email),
    index("homeowners_email_key_idx").on(table.tenantId, table.emailKey),
    tenantPolicy(),
  ],
);
