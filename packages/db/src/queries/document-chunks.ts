import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { eq, sql } from "drizzle-orm";
import type { TextChunk } from "../chunk-text.ts";
import type { Database } from "../database.ts";
import { passagesHolding } from "../passages.ts";
import { documentChunks } from "../schema/index.ts";
import { asUuid } from "../uuid.ts";
import { indexTerms } from "./document-terms.ts";

/** Few enough for the statement to be put together between two requests. */
const CHUNKS_PER_INSERT = 500;

/**
 * Stores a document's chunks in place of those it has, with all that search needs of them. Doing it again changes nothing.
 * Belongs into a transaction: in between, a part of the document cannot be found.
 */
export async function replaceChunks(
  db: Database,
  documentId: string,
  chunks: readonly Pick<TextChunk, "heading" | "body">[],
): Promise<void> {
  await db.delete(documentChunks).where(eq(documentChunks.documentId, documentId));
  const rows = chunks.map(({ heading, body }, position) => ({ documentId, position, heading, body }));
  for (let start = 0; start < rows.length; start += CHUNKS_PER_INSERT) {
    await db.insert(documentChunks).values(rows.slice(start, start + CHUNKS_PER_INSERT));
  }
  await indexTerms(db, documentId);
}

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
 */
export function searchChunks(
  db: Database,
  { developmentId, query, limit }: { developmentId: string; query: string; limit: number },
): Query<FoundChunk[]> {
  const found = db.execute<FoundChunk & Record<string, unknown>>(sql`
    ${passagesHolding(query, asUuid(developmentId))},
    best as (
      select document_id, position, score from passages order by score desc, document_id, position limit ${limit}
    )
    select best.document_id as "documentId", d.title as "documentTitle", best.position, c.heading, c.body,
           best.score::float8 / 1000000 as rank
      from best
      join documents d on d.id = best.document_id
      join document_chunks c on c.tenant_id = d.tenant_id and c.document_id = d.id and c.position = best.position
     order by best.score desc, best.document_id, best.position`);
  return mapQuery(found, ({ rows }) => rows);
}
