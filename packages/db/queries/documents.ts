import { and, count, desc, eq, sql } from "drizzle-orm";
import { chunkText } from "../chunk-text.ts";
import type { Database } from "../database.ts";
import { only } from "../only.ts";
import { developments, documentChunks, documents, type MediaType, staff } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { replaceChunks } from "./document-chunks.ts";

export interface DocumentListing {
  id: string;
  title: string;
  fileName: string;
  mediaType: MediaType;
  byteSize: number;
  createdAt: Date;
  developmentId: string;
  developmentName: string;
  /** Null for a document nobody uploaded, such as the demo's. */
  uploadedByName: string | null;
  chunkCount: number;
}

/** Documents without their bodies, newest first: one development's, or all of the tenant's. One statement. */
export async function listDocuments(
  db: Database,
  { developmentId }: { developmentId?: string } = {},
): Promise<DocumentListing[]> {
  if (developmentId !== undefined && !isUuid(developmentId)) return [];
  return db
    .select({
      id: documents.id,
      title: documents.title,
      fileName: documents.fileName,
      mediaType: documents.mediaType,
      byteSize: documents.byteSize,
      createdAt: documents.createdAt,
      developmentId: documents.developmentId,
      developmentName: developments.name,
      uploadedByName: staff.name,
      chunkCount: count(documentChunks.position),
    })
    .from(documents)
    .innerJoin(
      developments,
      and(eq(developments.tenantId, documents.tenantId), eq(developments.id, documents.developmentId)),
    )
    .leftJoin(staff, and(eq(staff.tenantId, documents.tenantId), eq(staff.id, documents.uploadedBy)))
    .leftJoin(
      documentChunks,
      and(eq(documentChunks.tenantId, documents.tenantId), eq(documentChunks.documentId, documents.id)),
    )
    .where(developmentId === undefined ? undefined : eq(documents.developmentId, developmentId))
    .groupBy(documents.tenantId, documents.id, developments.name, staff.name)
    .orderBy(desc(documents.createdAt), desc(documents.id));
}

export interface FoundDocument {
  id: string;
  title: string;
  fileName: string;
  mediaType: MediaType;
  byteSize: number;
  body: string;
  createdAt: Date;
  developmentId: string;
  developmentName: string;
}

/** A document with its body; null when there is none. */
export async function findDocument(db: Database, id: string): Promise<FoundDocument | null> {
  if (!isUuid(id)) return null;
  const [document] = await db
    .select({
      id: documents.id,
      title: documents.title,
      fileName: documents.fileName,
      mediaType: documents.mediaType,
      byteSize: documents.byteSize,
      body: documents.body,
      createdAt: documents.createdAt,
      developmentId: documents.developmentId,
      developmentName: developments.name,
    })
    .from(documents)
    .innerJoin(
      developments,
      and(eq(developments.tenantId, documents.tenantId), eq(developments.id, documents.developmentId)),
    )
    .where(eq(documents.id, id));
  return document ?? null;
}

export interface NewDocument {
  id?: string;
  developmentId: string;
  title: string;
  fileName: string;
  mediaType: MediaType;
  body: string;
  /** The staff member's id; null where nobody uploaded it. */
  uploadedBy: string | null;
  createdAt?: Date;
}

/**
 * Stores a document and its searchable chunks together; answers its id.
 * Throws 23503 where the development or the uploader is not this tenant's, 22021 for a NUL character in a text.
 */
export function addDocument(db: Database, document: NewDocument): Promise<string> {
  const chunks = chunkText(document.body, document.mediaType);
  return db.transaction(async (tx) => {
    const added = await tx
      .insert(documents)
      .values({ ...document, indexedAt: document.createdAt ?? sql`now()` })
      .returning({ id: documents.id });
    const { id: documentId } = only(added);
    await replaceChunks(tx, documentId, chunks);
    return documentId;
  });
}
