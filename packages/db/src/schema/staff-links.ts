import { foreignKey, index, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { staff } from "./staff.ts";
import { createdAtColumn, idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** A link by which a member of staff sets their password: one who was invited, or has forgotten it. Only the newest of each is good. */
export const staffLinks = pgTable(
  "staff_links",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    staffId: uuid("staff_id").notNull(),
    createdAt: createdAtColumn(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [
    primaryKey({ name: "staff_links_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "staff_links_staff_fk",
      columns: [table.tenantId, table.staffId],
      foreignColumns: [staff.tenantId, staff.id],
    }).onDelete("cascade"),
    index("staff_links_newest_idx").on(table.tenantId, table.staffId, table.createdAt),
    tenantPolicy(),
  ],
);
