import { foreignKey, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { documents } from "./documents.ts";
import { tenantColumn, tenantPolicy } from "./tenant.ts";

/** A page of a document as it is shown, so that reading one takes neither a parser nor the whole text. */
export const documentPages = pgTable(
  "document_pages",
  {
    tenantId: tenantColumn(),
    documentId: uuid("document_id").notNull(),
    /** From 1. */
    number: integer("number").notNull(),
    /** The first of the document's passages that begins on this page or behind it. */
    firstPassage: integer("first_passage").notNull(),
    /** The page's blocks in JSON. Text: it is read whole, and nothing in it is looked for. */
    blocks: text("blocks").notNull(),
  },
  (table) => [
    primaryKey({ name: "document_pages_pkey", columns: [table.tenantId, table.documentId, table.number] }),
    foreignKey({
      name: "document_pages_document_fk",
      columns: [table.tenantId, table.documentId],
      foreignColumns: [documents.tenantId, documents.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
