import { sql } from "drizzle-orm";
import { foreignKey, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { staff } from "./staff.ts";
import { createdAtColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** What a member of staff signs in with beside the password: codes of an app that shares a secret with us. */
export const secondFactors = pgTable(
  "second_factors",
  {
    tenantId: tenantColumn(),
    staffId: uuid("staff_id").notNull(),
    /** Sealed with a key that the database does not know. */
    sealedSecret: text("sealed_secret").notNull(),
    /** Null while it is being set up, and after it was turned off: nobody is asked for it. */
    confirmedAt: instant("confirmed_at"),
    /** Of the last code that was taken, in steps of 30 seconds since 1970: an older one, and the same, is not taken. */
    lastStep: integer("last_step").notNull().default(0),
    /** Hashes of the recovery codes that are left. */
    recoveryHashes: text("recovery_hashes").array().notNull().default(sql`'{}'::text[]`),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ name: "second_factors_pkey", columns: [table.tenantId, table.staffId] }),
    foreignKey({
      name: "second_factors_staff_fk",
      columns: [table.tenantId, table.staffId],
      foreignColumns: [staff.tenantId, staff.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
