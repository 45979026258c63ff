import { sql } from "drizzle-orm";
import { check, date, foreignKey, index, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { developments } from "./developments.ts";
import { homeowners } from "./homeowners.ts";
import { messages } from "./messages.ts";
import { createdAtColumn, idColumn, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";

export const UNANSWERED_KINDS = ["question", "search"] as const;
export type UnansweredKind = (typeof UNANSWERED_KINDS)[number];

/**
 * What a homeowner asked the assistant, or searched for, and the documents do not say. Whose it is tells how many ask, and has
 * it go with them; staff are not shown it.
 */
export const unanswered = pgTable(
  "unanswered",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    createdAt: createdAtColumn(),
    developmentId: uuid("development_id").notNull(),
    homeownerId: uuid("homeowner_id").notNull(),
    kind: text("kind", { enum: UNANSWERED_KINDS }).notNull(),
    /** As it was typed, its beginning. */
    body: text("body").notNull(),
    /** What is the same to whoever counts. */
    bodyKey: text("body_key").notNull().generatedAlwaysAs(sql`lower(body)`),
    askedOn: date("asked_on").notNull().default(sql`current_date`),
    /** The question in its conversation, null for a search: what is deleted or edited there is shown to nobody here. */
    messageId: uuid("message_id"),
  },
  (table) => [
    primaryKey({ name: "unanswered_pkey", columns: [table.tenantId, table.id] }),
    // A page that is loaded again asks nothing new.
    unique("unanswered_once_a_day_key").on(
      table.tenantId,
      table.homeownerId,
      table.kind,
      table.bodyKey,
      table.askedOn,
    ),
    foreignKey({
      name: "unanswered_development_fk",
      columns: [table.tenantId, table.developmentId],
      foreignColumns: [developments.tenantId, developments.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "unanswered_homeowner_fk",
      columns: [table.tenantId, table.homeownerId],
      foreignColumns: [homeowners.tenantId, homeowners.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "unanswered_message_fk",
      columns: [table.tenantId, table.messageId],
      foreignColumns: [messages.tenantId, messages.id],
    }).onDelete("cascade"),
    index("unanswered_message_idx").on(table.tenantId, table.messageId),
    index("unanswered_newest_idx").on(table.tenantId, table.developmentId, table.createdAt),
    check("unanswered_kind_check", oneOf(table.kind, UNANSWERED_KINDS)),
    tenantPolicy(),
  ],
);
