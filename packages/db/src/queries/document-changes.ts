import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, desc, eq, gt, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { developments, documentChunks, documentPages, documents, documentTerms } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { isForeignKeyViolation } from "../violations.ts";
import { type NewActivity, noteActivity } from "./activity.ts";
import { addDocument, type NewDocument } from "./documents.ts";

type Kind = NewActivity["kind"];

/** What a document has to be made anew of, once it was changed: `indexDocument` does it. */
const UNINDEXED = { indexedAt: null, indexingSince: sql`now()` };

/** Stores a document and notes who uploaded it; answers its id. Throws as `addDocument`. */
export function uploadDocument(
  db: Database,
  staffId: string,
  document: Omit<NewDocument, "uploadedBy">,
): Promise<string> {
  return db.transaction(async (tx) => {
    const id = await addDocument(tx, { ...document, uploadedBy: staffId });
    await noteActivity(tx, { staffId, kind: "document.uploaded", about: document.title });
    return id;
  });
}

/**
 * Renames a document, or moves it to another development, whose homeowners read it from then on, and the others do not. It is to be
 * indexed anew. Answers false where the document or the development is gone.
 */
export async function changeDocument(
  db: Database,
  staffId: string,
  { id, title, developmentId }: { id: string; title: string; developmentId: string },
): Promise<boolean> {
  if (!isUuid(id) || !isUuid(developmentId)) return false;
  try {
    return await db.transaction(async (tx) => {
      const now = await lockDocument(tx, id);
      if (now === null) return false;
      // What search keeps names the development: the other one's homeowners would find it no more, and these not yet.
      if (now.developmentId !== developmentId) await forgetIndex(tx, id, now.developmentId);
      await tx
        .update(documents)
        .set({ title, developmentId, ...UNINDEXED })
        .where(eq(documents.id, id));
      await noteActivity(tx, { staffId, kind: "document.changed", about: title });
      return true;
    });
  } catch (error) {
    if (isForeignKeyViolation(error)) return false;
    throw error;
  }
}

/** Takes a document out of everybody's sight at once; for 30 days it can be brought back. False where it is gone. */
export async function deleteDocument(db: Database, staffId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return db.transaction((tx) => takeAway(tx, staffId, id, "document.deleted"));
}

/**
 * Puts a new text in the place of a document, which is deleted as by {@link deleteDocument}; `findSuccessor` leads from it to
 * the new one. Answers the new one's id, or null.
 */
export async function replaceDocument(
  db: Database,
  staffId: string,
  id: string,
  text: Pick<NewDocument, "fileName" | "mediaType" | "body">,
): Promise<string | null> {
  if (!isUuid(id)) return null;
  return db.transaction(async (tx) => {
    const now = await lockDocument(tx, id);
    if (now === null) return null;
    const newId = await addDocument(tx, { ...now, ...text, uploadedBy: staffId });
    await takeAway(tx, staffId, id, "document.replaced", newId);
    return newId;
  });
}

/** Brings a deleted document back, to be indexed anew. False where it is gone for good. */
export async function restoreDocument(db: Database, staffId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return db.transaction(async (tx) => {
    const [restored] = await tx
      .update(documents)
      .set({ deletedAt: null, replacedBy: null, ...UNINDEXED })
      .where(and(eq(documents.id, id), isNotNull(documents.deletedAt), canComeBack))
      .returning({ title: documents.title });
    if (restored === undefined) return false;
    await noteActivity(tx, { staffId, kind: "document.restored", about: restored.title });
    return true;
  });
}

/** As long as `documents_delete_spent` leaves it. */
const canComeBack = gt(documents.deletedAt, sql`now() - interval '30 days'`);

export interface DeletedDocument {
  id: string;
  title: string;
  fileName: string;
  developmentName: string;
  deletedAt: Date;
}

/** Documents that can be brought back, the latest first, 200 at most. One statement. */
export function listDeletedDocuments(db: Database): Query<DeletedDocument[]> {
  const rows = db
    .select({
      id: documents.id,
      title: documents.title,
      fileName: documents.fileName,
      developmentName: developments.name,
      deletedAt: documents.deletedAt,
    })
    .from(documents)
    .innerJoin(
      developments,
      and(eq(developments.tenantId, documents.tenantId), eq(developments.id, documents.developmentId)),
    )
    .where(and(isNotNull(documents.deletedAt), canComeBack))
    .orderBy(desc(documents.deletedAt), desc(documents.id))
    .limit(200);
  return mapQuery(rows, (found) =>
    found.flatMap(({ deletedAt, ...document }) => (deletedAt === null ? [] : [{ ...document, deletedAt }])),
  );
}

/** Whoever indexes it waits, or is waited for. */
async function lockDocument(db: Database, id: string) {
  const [found] = await db
    .select({ title: documents.title, developmentId: documents.developmentId })
    .from(documents)
    .where(and(eq(documents.id, id), isNull(documents.deletedAt)))
    .for("update");
  return found ?? null;
}

async function takeAway(
  db: Database,
  staffId: string,
  id: string,
  kind: Kind,
  replacedBy: string | null = null,
): Promise<boolean> {
  const now = await lockDocument(db, id);
  if (now === null) return false;
  await forgetIndex(db, id, now.developmentId);
  await db
    .update(documents)
    .set({ deletedAt: sql`now()`, indexedAt: null, pageCount: null, outline: null, replacedBy })
    .where(eq(documents.id, id));
  await noteActivity(db, { staffId, kind, about: now.title });
  return true;
}

/** No search finds it and no page shows it until it is indexed anew. */
async function forgetIndex(db: Database, documentId: string, developmentId: string): Promise<void> {
  await db
    .delete(documentTerms)
    .where(and(eq(documentTerms.developmentId, developmentId), eq(documentTerms.documentId, documentId)));
  await db.delete(documentChunks).where(eq(documentChunks.documentId, documentId));
  await db.delete(documentPages).where(eq(documentPages.documentId, documentId));
}
