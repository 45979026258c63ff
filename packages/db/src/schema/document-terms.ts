import { foreignKey, index, integer, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { documents } from "./documents.ts";
import { tenantColumn, tenantPolicy } from "./tenant.ts";

/**
 * Which passages of a document hold a word: the inverted index of search. Row-level security lets Postgres use an index
 * for leakproof operators only; equality of texts is one, the full-text match `@@` is not, so a GIN index is never read.
 */
export const documentTerms = pgTable(
  "document_terms",
  {
    tenantId: tenantColumn(),
    developmentId: uuid("development_id").notNull(),
    documentId: uuid("document_id").notNull(),
    /** As Postgres' English configuration makes it of the word: `radiators` is `radiat`. */
    lexeme: text("lexeme").notNull(),
    /** Of the document's chunks, ascending. */
    positions: integer("positions").array().notNull(),
    /** What the word says about each of those chunks, 0 to 1000: more where it stands in the heading, or often. */
    impacts: smallint("impacts").array().notNull(),
  },
  (table) => [
    primaryKey({
      name: "document_terms_pkey",
      columns: [table.tenantId, table.developmentId, table.lexeme, table.documentId],
    }),
    foreignKey({
      name: "document_terms_document_fk",
      columns: [table.tenantId, table.developmentId, table.documentId],
      foreignColumns: [documents.tenantId, documents.developmentId, documents.id],
    }).onDelete("cascade"),
    index("document_terms_document_idx").on(table.tenantId, table.developmentId, table.documentId),
    tenantPolicy(),
  ],
);
