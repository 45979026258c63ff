import { foreignKey, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
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
  },
  (table) => [
    primaryKey({ name: "homeowners_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "homeowners_unit_fk",
      columns: [table.tenantId, table.unitId],
      foreignColumns: [units.tenantId, units.id],
    }).onDelete("restrict"),
    unique("homeowners_email_key").on(table.tenantId, table.unitId, table.email),
    tenantPolicy(),
  ],
);
