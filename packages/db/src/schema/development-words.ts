import { sql } from "drizzle-orm";
import { foreignKey, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { developments } from "./developments.ts";
import { tenantColumn, tenantPolicy } from "./tenant.ts";

/**
 * The words of a development's documents as they are written, in lower case: what a misspelt word may have meant.
 * Only ever added to; a word whose documents are gone is told by `document_terms`, which no longer has its lexeme.
 */
export const developmentWords = pgTable(
  "development_words",
  {
    tenantId: tenantColumn(),
    developmentId: uuid("development_id").notNull(),
    /** In characters. Before the word in the key, so that words of about one length lie together. */
    size: smallint("size").notNull().generatedAlwaysAs(sql`char_length(word)`),
    word: text("word").notNull(),
    lexeme: text("lexeme").notNull(),
  },
  (table) => [
    primaryKey({
      name: "development_words_pkey",
      columns: [table.tenantId, table.developmentId, table.size, table.word],
    }),
    foreignKey({
      name: "development_words_development_fk",
      columns: [table.tenantId, table.developmentId],
      foreignColumns: [developments.tenantId, developments.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
