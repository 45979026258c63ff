import { pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAtColumn, currentTenant, tenantPolicy } from "./tenant.ts";

/** A developer company: the unit of isolation. A tenant sees its own row only. */
export const tenants = pgTable(
  "tenants",
  {
    tenantId: uuid("tenant_id").primaryKey().default(currentTenant),
    name: text("name").notNull(),
    slug: text("slug").notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [unique("tenants_slug_key").on(table.slug), tenantPolicy()],
);
