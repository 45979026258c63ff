import { sql } from "drizzle-orm";
import { check, foreignKey, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { chatThreads } from "./chat-threads.ts";
import { idColumn, instant, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";

const MESSAGE_ROLES = ["user", "assistant"] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

const MESSAGE_STATUSES = ["complete", "aborted"] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/**
 * One turn of a conversation. A client message id makes sending it again harmless; an answer names the message it
 * replies to, and a message has one answer at most.
 */
export const messages = pgTable(
  "messages",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    threadId: uuid("thread_id").notNull(),
    role: text("role", { enum: MESSAGE_ROLES }).notNull(),
    body: text("body").notNull(),
    status: text("status", { enum: MESSAGE_STATUSES }).notNull().default("complete"),
    clientMessageId: text("client_message_id"),
    replyToId: uuid("reply_to_id"),
    /** Client message ids of the questions that this one took the place of; null for most. */
    replacedIds: text("replaced_ids").array(),
    // Not now(), which stands still in a transaction: messages of one transaction keep their order.
    createdAt: instant("created_at").notNull().default(sql`clock_timestamp()`),
  },
  (table) => [
    primaryKey({ name: "messages_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "messages_thread_fk",
      columns: [table.tenantId, table.threadId],
      foreignColumns: [chatThreads.tenantId, chatThreads.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "messages_reply_to_fk",
      columns: [table.tenantId, table.replyToId],
      foreignColumns: [table.tenantId, table.id],
    }).onDelete("cascade"),
    unique("messages_reply_to_key").on(table.tenantId, table.replyToId),
    // Serves reading a thread too.
    unique("messages_client_message_key").on(table.tenantId, table.threadId, table.clientMessageId),
    check("messages_role_check", oneOf(table.role, MESSAGE_ROLES)),
    check("messages_status_check", oneOf(table.status, MESSAGE_STATUSES)),
    tenantPolicy(),
  ],
);
