import { foreignKey, index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { messages } from "./messages.ts";
import { createdAtColumn, idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** What the assistant looked up for a message. Without `finishedAt` it is running, or was cut off. */
export const toolCalls = pgTable(
  "tool_calls",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    messageId: uuid("message_id").notNull(),
    name: text("name").notNull(),
    input: jsonb("input").$type<unknown>().notNull(),
    output: jsonb("output").$type<unknown>(),
    createdAt: createdAtColumn(),
    finishedAt: instant("finished_at"),
  },
  (table) => [
    primaryKey({ name: "tool_calls_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "tool_calls_message_fk",
      columns: [table.tenantId, table.messageId],
      foreignColumns: [messages.tenantId, messages.id],
    }).onDelete("cascade"),
    index("tool_calls_message_idx").on(table.tenantId, table.messageId, table.createdAt),
    tenantPolicy(),
  ],
);
