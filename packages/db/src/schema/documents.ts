import { sql } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type { OutlineEntry } from "../markdown/outline.ts";
import { developments } from "./developments.ts";
import { staff } from "./staff.ts";
import { createdAtColumn, idColumn, instant, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";

export const MEDIA_TYPES = ["text/plain", "text/markdown"] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** A text for the homeowners of a development. */
export const documents = pgTable(
  "documents",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    developmentId: uuid("development_id").notNull(),
    title: text("title").notNull(),
    fileName: text("file_name").notNull(),
    mediaType: text("media_type", { enum: MEDIA_TYPES }).notNull(),
    byteSize: integer("byte_size").notNull().generatedAlwaysAs(sql`octet_length(body)`),
    body: text("body").notNull(),
    uploadedBy: uuid("uploaded_by"),
    createdAt: createdAtColumn(),
    /** Null until its chunks can be searched. */
    indexedAt: instant("indexed_at"),
    /** Since when it waits for that, or has waited: since it came, or was last changed. */
    indexingSince: instant("indexing_since").notNull().defaultNow(),
    /** Null until its pages are made. */
    pageCount: integer("page_count"),
    /** Its headings and their pages, once these are made. */
    outline: jsonb("outline").$type<OutlineEntry[]>(),
    /** Out of sight for everybody since then, and deleted for good 30 days later. */
    deletedAt: instant("deleted_at"),
    /** The document in its place, for as long as it is deleted: links to this one lead there. */
    replacedBy: uuid("replaced_by"),
  },
  (table) => [
    primaryKey({ name: "documents_pkey", columns: [table.tenantId, table.id] }),
    // What search keeps refers to a document together with its development, so that the two cannot disagree.
    unique("documents_development_key").on(table.tenantId, table.developmentId, table.id),
    foreignKey({
      name: "documents_development_fk",
      columns: [table.tenantId, table.developmentId],
      foreignColumns: [developments.tenantId, developments.id],
    }).onDelete("cascade"),
    // Not "set null": over a composite key that would clear tenant_id too.
    foreignKey({
      name: "documents_uploaded_by_fk",
      columns: [table.tenantId, table.uploadedBy],
      foreignColumns: [staff.tenantId, staff.id],
    }).onDelete("restrict"),
    // Once what took its place is gone for good, nothing is left to lead to.
    foreignKey({
      name: "documents_replaced_by_fk",
      columns: [table.tenantId, table.replacedBy],
      foreignColumns: [table.tenantId, table.id],
    }).onDelete("cascade"),
    index("documents_development_idx").on(table.tenantId, table.developmentId, table.createdAt),
    index("documents_uploaded_by_idx").on(table.tenantId, table.uploadedBy),
    index("documents_replaced_by_idx").on(table.tenantId, table.replacedBy),
    check("documents_media_type_check", oneOf(table.mediaType, MEDIA_TYPES)),
    tenantPolicy(),
  ],
);
