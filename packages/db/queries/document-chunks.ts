import { and, asc, desc, eq, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { documentChunks, documents } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";

export interface FoundChunk {
  documentId: string;
  documentTitle: string;
  position: number;
  heading: string | null;
  body: string;
  /** Higher is better; comparable within one search only. */
  rank: number;
}

/**
 * The passages of a development's documents that answer `query` best, best first.
 * A passage with some of the words counts, one with more of them counts more: questions hold words that no document has.
 *
 * Reads the development's chunks by key and filters them. Row-level security lets Postgres use an index
 * for leakproof operators only, and `@@` is not one, so a GIN index on `search` would never be read.
 */
export async function searchChunks(
  db: Database,
  { developmentId, query, limit }: { developmentId: string; query: string; limit: number },
): Promise<FoundChunk[]> {
  if (!isUuid(developmentId)) return [];
  const anyWord = sql`replace(plainto_tsquery('english', ${query})::text, '&', '|')::tsquery`;
  const rank = sql<number>`ts_rank(${documentChunks.search}, ${anyWord})`.mapWith(Number);
  return db
    .select({
      documentId: documentChunks.documentId,
      documentTitle: documents.title,
      position: documentChunks.position,
      heading: documentChunks.heading,
      body: documentChunks.body,
      rank,
    })
    .from(documents)
    .innerJoin(
      documentChunks,
      and(eq(documentChunks.tenantId, documents.tenantId), eq(documentChunks.documentId, documents.id)),
    )
    .where(and(eq(documents.developmentId, developmentId), sql`${documentChunks.search} @@ ${anyWord}`))
    .orderBy(desc(rank), asc(documentChunks.documentId), asc(documentChunks.position))
    .limit(limit);
}
