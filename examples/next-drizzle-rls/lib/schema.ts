import { pgTable, text, uuid } from "drizzle-orm/pg-core";

/** `setup.mjs` makes it, with the policy that keeps tenants apart. */
export const documents = pgTable("documents", {
  tenantId: uuid("tenant_id").notNull(),
  id: uuid("id").notNull().defaultRandom(),
  title: text("title").notNull(),
});
