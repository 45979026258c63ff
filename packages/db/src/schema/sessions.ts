import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { homeowners } from "./homeowners.ts";
import { staff } from "./staff.ts";
import { createdAtColumn, idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** What a signed cookie points to, so that a sign-in can be taken back. Belongs to one person of either kind. */
export const sessions = pgTable(
  "sessions",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    staffId: uuid("staff_id"),
    homeownerId: uuid("homeowner_id"),
    createdAt: createdAtColumn(),
    /** When it ends in any case; it ends earlier where nobody uses it. */
    expiresAt: instant("expires_at").notNull(),
    /** Behind the truth by a few minutes, so that a page costs no write. */
    lastSeenAt: instant("last_seen_at").notNull().defaultNow(),
    /** As people call them: "Chrome", "Android". Null where the browser does not say. */
    browser: text("browser"),
    system: text("system"),
    /** Other sessions of this person that began until then need not be told any more; null where none was told. */
    devicesSeenAt: instant("devices_seen_at"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    primaryKey({ name: "sessions_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "sessions_staff_fk",
      columns: [table.tenantId, table.staffId],
      foreignColumns: [staff.tenantId, staff.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "sessions_homeowner_fk",
      columns: [table.tenantId, table.homeownerId],
      foreignColumns: [homeowners.tenantId, homeowners.id],
    }).onDelete("cascade"),
    index("sessions_staff_idx").on(table.tenantId, table.staffId),
    index("sessions_homeowner_idx").on(table.tenantId, table.homeownerId),
    check("sessions_one_person_check", sql`num_nonnulls(${table.staffId}, ${table.homeownerId}) = 1`),
    tenantPolicy(),
  ],
);
