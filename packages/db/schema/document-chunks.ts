import { sql } from "drizzle-orm";
import { foreignKey, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { documents } from "./documents.ts";
import { tenantColumn, tenantPolicy, tsvector } from "./tenant.ts";

/** A passage of a document, small enough to quote, with what full-text search needs. */
export const documentChunks = pgTable(
  "document_chunks",
  {
    tenantId: tenantColumn(),
    documentId: uuid("document_id").notNull(),
    position: integer("position").notNull(),
    heading: text("heading"),
    body: text("body").notNull(),
    search: tsvector("search")
      .notNull()
      .generatedAlwaysAs(
        sql`setweight(to_tsvector('english', coalesce(heading, '')), 'A') || setweight(to_tsvector('english', body), 'B')`,
      ),
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
