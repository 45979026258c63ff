import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, asc, count, desc, eq, ilike, isNull, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database, Reader } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { containing } from "../like-pattern.ts";
import type { PageBlock } from "../markdown/document.ts";
import { makeDocumentAside } from "../markdown/make-document.ts";
import type { OutlineEntry } from "../markdown/outline.ts";
import { prepareFor } from "../prepare-for.ts";
import {
  developments,
  documentChunks,
  documentPages,
  documents,
  homeowners,
  type MediaType,
  staff,
  units,
} from "../schema/index.ts";
import { asUuid, isUuid } from "../uuid.ts";
import { replaceChunks } from "./document-chunks.ts";
import { replacePages } from "./document-pages.ts";

/** Not deleted, and not to be brought back by anybody who only reads. */
const isThere = isNull(documents.deletedAt);

/** What every reading of a document has, its text aside. */
const SHOWN = {
  id: documents.id,
  title: documents.title,
  fileName: documents.fileName,
  mediaType: documents.mediaType,
  byteSize: documents.byteSize,
  createdAt: documents.createdAt,
  developmentId: documents.developmentId,
  developmentName: developments.name,
};

/** Jobs look for what was left behind every 5 minutes, and take seconds. */
const indexingFails = sql<boolean>`${documents.indexedAt} is null and ${documents.indexingSince} < now() - interval '15 minutes'`;

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
  /** Null until its text can be searched. */
  indexedAt: Date | null;
  /** Whether it has waited for that so long that something is wrong. */
  indexingFails: boolean;
  chunkCount: number;
}

const listings = prepareFor((db) =>
  db
    .select({
      ...SHOWN,
      uploadedByName: staff.name,
      indexedAt: documents.indexedAt,
      indexingFails,
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
    .where(isThere)
    .groupBy(documents.tenantId, documents.id, developments.name, staff.name)
    .orderBy(desc(documents.createdAt), desc(documents.id)),
);

/** All of the tenant's documents without their bodies, newest first, those of archived developments too. One statement. */
export function listDocuments(db: Database): Query<DocumentListing[]> {
  return listings(db);
}

export type HomeDocument = Pick<DocumentListing, "id" | "title" | "createdAt">;

const documentsOfHome = prepareFor((db) =>
  db
    .select({ id: documents.id, title: documents.title, createdAt: documents.createdAt })
    .from(homeowners)
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .innerJoin(
      documents,
      and(eq(documents.tenantId, units.tenantId), eq(documents.developmentId, units.developmentId)),
    )
    .where(and(eq(homeowners.id, sql.placeholder("homeownerId")), isThere))
    .orderBy(desc(documents.createdAt), desc(documents.id)),
);

/** Documents of the development that a homeowner lives in, newest first. */
export function listDocumentsOfHome(db: Database, homeownerId: string): Query<HomeDocument[]> {
  return documentsOfHome(db, { homeownerId: asUuid(homeownerId) });
}

export const DOCUMENT_SORTS = ["uploaded", "title", "development", "size"] as const;
export type DocumentSort = (typeof DOCUMENT_SORTS)[number];

const SORTED_BY: Record<DocumentSort, SQL> = {
  uploaded: sql`${documents.createdAt}`,
  title: sql`lower(${documents.title})`,
  development: sql`lower(${developments.name})`,
  size: sql`${documents.byteSize}`,
};

/** A page of the tenant's documents, without their bodies, and how many there are on all pages. Behind the last page no row tells how many: 0. One statement. */
export function findDocuments(
  db: Database,
  search: { text?: string; sort: DocumentSort; descending: boolean; limit: number; offset: number },
): Query<{ total: number; documents: Omit<DocumentListing, "chunkCount">[] }> {
  const { text = "", sort, descending, limit, offset } = search;
  const pattern = containing(text);
  const named = or(
    ilike(documents.title, pattern),
    ilike(documents.fileName, pattern),
    ilike(developments.name, pattern),
  );
  const wanted = text === "" ? undefined : named;
  const ofDevelopment = and(
    eq(developments.tenantId, documents.tenantId),
    eq(developments.id, documents.developmentId),
  );
  const direction = sql.raw(descending ? "desc" : "asc");
  const rows = db
    .select({
      ...SHOWN,
      uploadedByName: staff.name,
      indexedAt: documents.indexedAt,
      indexingFails,
      total: sql<number>`(count(*) over ())::integer`,
    })
    .from(documents)
    .innerJoin(developments, ofDevelopment)
    .leftJoin(staff, and(eq(staff.tenantId, documents.tenantId), eq(staff.id, documents.uploadedBy)))
    .where(and(wanted, isThere, isNull(developments.archivedAt)))
    .orderBy(sql`${SORTED_BY[sort]} ${direction}`, desc(documents.createdAt), desc(documents.id))
    .limit(limit)
    .offset(offset);
  return mapQuery(rows, (found) => ({
    total: found[0]?.total ?? 0,
    documents: found.map(({ total: _, ...document }) => document),
  }));
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
export async function findDocument(db: Reader, id: string): Promise<FoundDocument | null> {
  if (!isUuid(id)) return null;
  const [document] = await db
    .select({
      ...SHOWN,
      body: documents.body,
    })
    .from(documents)
    .innerJoin(
      developments,
      and(eq(developments.tenantId, documents.tenantId), eq(developments.id, documents.developmentId)),
    )
    .where(and(eq(documents.id, id), isThere));
  return document ?? null;
}

export type DocumentHead = Omit<FoundDocument, "body">;

const head = prepareFor((db) =>
  db
    .select(SHOWN)
    .from(documents)
    .innerJoin(
      developments,
      and(eq(developments.tenantId, documents.tenantId), eq(developments.id, documents.developmentId)),
    )
    .where(and(eq(documents.id, sql.placeholder("id")), isThere)),
);

/** A document without its text; null when there is none. One statement, for a flight. */
export function findDocumentHead(db: Database, id: string): Query<DocumentHead | null> {
  return mapQuery(head(db, { id: asUuid(id) }), ([found]) => found ?? null);
}

/**
 * Where a link to a document leads that was replaced, once or several times: to the first in its place that is there. Null where none
 * is. One statement.
 */
export async function findSuccessor(
  db: Database,
  id: string,
): Promise<Pick<FoundDocument, "id" | "developmentId"> | null> {
  if (!isUuid(id)) return null;
  const { rows } = await db.execute<{ id: string; developmentId: string }>(sql`
    with recursive followed (id, step) as (
      select replaced_by, 1 from documents where id = ${id} and replaced_by is not null
      union all
      select documents.replaced_by, step + 1
        from followed join documents on documents.id = followed.id
       where documents.replaced_by is not null
    )
    select documents.id, documents.development_id as "developmentId"
      from followed join documents on documents.id = followed.id
     where documents.deleted_at is null
     order by step limit 1`);
  return rows[0] ?? null;
}

/** Where somebody wants to begin to read: at a page, from 1, or at one of the passages that a search found. */
export type Place = { page: number } | { passage: number };

export interface FoundPage extends Omit<FoundDocument, "body"> {
  /** Null until the document's pages are made. */
  pageCount: number | null;
  outline: OutlineEntry[] | null;
  /** Null where there is no such page. */
  page: { number: number; blocks: PageBlock[] } | null;
}

/** @param wanted one of a document's pages, or several, of which the last is it. */
const pageOfDocument = (wanted: SQL) =>
  prepareFor((db) => {
    const shown = db
      .select({ number: documentPages.number, blocks: documentPages.blocks })
      .from(documentPages)
      .where(
        and(
          eq(documentPages.documentId, documents.id),
          eq(documentPages.tenantId, documents.tenantId),
          wanted,
        ),
      )
      .orderBy(desc(documentPages.number))
      .limit(1)
      .as("shown");
    return db
      .select({
        ...SHOWN,
        pageCount: documents.pageCount,
        outline: documents.outline,
        number: shown.number,
        blocks: shown.blocks,
      })
      .from(documents)
      .innerJoin(
        developments,
        and(eq(developments.tenantId, documents.tenantId), eq(developments.id, documents.developmentId)),
      )
      .leftJoinLateral(shown, sql`true`)
      .where(and(eq(documents.id, sql.placeholder("id")), isThere));
  });

const pageByNumber = pageOfDocument(eq(documentPages.number, sql.placeholder("number")));
const pageByPassage = pageOfDocument(lte(documentPages.firstPassage, sql.placeholder("passage")));

/** A document with one of its pages; null when there is no document. One statement, which reads no more of its text. */
export async function findDocumentPage(db: Reader, id: string, place: Place): Promise<FoundPage | null> {
  if (!isUuid(id)) return null;
  const [found] =
    "page" in place
      ? await pageByNumber(db, { id, number: place.page })
      : await pageByPassage(db, { id, passage: place.passage });
  if (found === undefined) return null;
  const { number, blocks, ...document } = found;
  return {
    ...document,
    page: number === null || blocks === null ? null : { number, blocks: JSON.parse(blocks) },
  };
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
 * Stores a document; answers its id. It is found by search once {@link indexDocument} has run.
 * Throws 23503 where the development or the uploader is not this tenant's, 22021 for a NUL character in a text.
 */
export async function addDocument(db: Database, document: NewDocument): Promise<string> {
  const { createdAt } = document;
  const values = { ...document, ...(createdAt !== undefined && { indexingSince: createdAt }) };
  return expectOne(await db.insert(documents).values(values).returning({ id: documents.id })).id;
}

/**
 * Makes a document's passages searchable, and its pages, in one transaction; answers how many passages there are, or null
 * where the document is gone. Done again, it gives the same: whatever was made before is replaced.
 */
export async function indexDocument(
  db: Database,
  documentId: string,
  indexedAt: Date | SQL = sql`now()`,
): Promise<number | null> {
  if (!isUuid(documentId)) return null;
  const own = and(eq(documents.id, documentId), isThere);
  const [source] = await db
    .select({ title: documents.title, body: documents.body, mediaType: documents.mediaType })
    .from(documents)
    .where(own);
  if (source === undefined) return null;
  // Before the transaction, which a long text would keep open: nothing changes a document's text.
  const { chunks, pages, outline } = await makeDocumentAside(source);
  return db.transaction(async (tx) => {
    // Locked: two who index it at once take turns, and whoever deletes it waits.
    const [locked] = await tx.select({ id: documents.id }).from(documents).where(own).for("update");
    if (locked === undefined) return null;
    await replaceChunks(tx, documentId, chunks);
    await replacePages(tx, documentId, pages);
    await tx.update(documents).set({ indexedAt, outline, pageCount: pages.length }).where(own);
    return chunks.length;
  });
}

/**
 * Documents that have waited for their index or their pages longer than `forMs` milliseconds: whose event was lost, or
 * whose indexing goes on failing. Oldest first.
 */
export async function listUnindexedDocuments(
  db: Database,
  { forMs, limit }: { forMs: number; limit: number },
): Promise<string[]> {
  const rows = await db
    .select({ id: documents.id })
    .from(documents)
    .where(
      and(
        isThere,
        or(isNull(documents.indexedAt), isNull(documents.pageCount)),
        lt(documents.createdAt, sql`now() - ${forMs} * interval '1 millisecond'`),
      ),
    )
    .orderBy(asc(documents.createdAt), asc(documents.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}
