import { foreignKey, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { documents } from "./documents.ts";
import { tenantColumn, tenantPolicy } from "./tenant.ts";

/** A passage of a document, small enough to quote. What search knows of it is in `document_terms`. */
export const documentChunks = pgTable(
  "document_chunks",
  {
    tenantId: tenantColumn(),
    documentId: uuid("document_id").notNull(),
    position: integer("position").notNull(),
    heading: text("heading"),
    body: text("body").notNull(),
  },
  (table) => [
    primaryKey({ name: "document_chunks_pkey", columns: [table.tenantId, table.documentId, table.position] }),
    foreignKey({
      name: "document_chunks_document_fk",
      columns: [table.tenantId, table.documentId],
      foreignColumns: [documents.tenantId, documents.id],
    }).onDelete("cascade"),
    tenantPolicy(),
  ],
);
