import { pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAtColumn, currentTenant, tenantPolicy } from "./tenant.ts";

/** A developer company: the unit of isolation. A tenant sees its own row only. */
export const tenants = pgTable(
  "tenants",
  {
    tenantId: uuid("tenant_id").primaryKey().default(currentTenant),
    name: text("name").notNull(),
    /** Not unique: that would tell a tenant which others there are, and nothing looks a company up by it. */
    slug: text("slug").notNull(),
    createdAt: createdAtColumn(),
  },
  () => [tenantPolicy()],
);
