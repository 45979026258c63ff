import { check, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { homeowners } from "./homeowners.ts";
import { createdAtColumn, idColumn, instant, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";

/** Where a thread's title comes from: its first words, the titling job, or the homeowner, who has the last word. */
const TITLE_SOURCES = ["opening", "job", "homeowner"] as const;
export type TitleSource = (typeof TITLE_SOURCES)[number];

/** A homeowner's conversation with the assistant. */
export const chatThreads = pgTable(
  "chat_threads",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    homeownerId: uuid("homeowner_id").notNull(),
    title: text("title").notNull(),
    titledBy: text("titled_by", { enum: TITLE_SOURCES }).notNull().default("opening"),
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
    check("chat_threads_titled_by_check", oneOf(table.titledBy, TITLE_SOURCES)),
    tenantPolicy(),
  ],
);
