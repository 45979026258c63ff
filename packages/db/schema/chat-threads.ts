import { foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { homeowners } from "./homeowners.ts";
import { createdAtColumn, idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** A homeowner's conversation with the assistant. */
export const chatThreads = pgTable(
  "chat_threads",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    homeownerId: uuid("homeowner_id").notNull(),
    title: text("title").notNull(),
    createdAt: createdAtColumn(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: "chat_threads_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "chat_threads_homeowner_fk",
      columns: [table.tenantId, table.homeownerId],
      foreignColumns: [homeowners.tenantId, homeowners.id],
    }).onDelete("cascade"),
    // Without updated_at: each message changes that, and Postgres need not touch the index then.
    index("chat_threads_homeowner_idx").on(table.tenantId, table.homeownerId),
    tenantPolicy(),
  ],
);
