import { eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import type { MadePage } from "../markdown/document.ts";
import { documentPages } from "../schema/index.ts";

/** Of one statement: a document of 1 MB has some 60. */
const PAGES_PER_INSERT = 100;

/** Stores a document's pages in place of those it has. Belongs into a transaction: in between, there is nothing to read. */
export async function replacePages(
  db: Database,
  documentId: string,
  pages: readonly MadePage[],
): Promise<void> {
  await db.delete(documentPages).where(eq(documentPages.documentId, documentId));
  const rows = pages.map(({ firstPassage, blocks }, index) => ({
    documentId,
    number: index + 1,
    firstPassage,
    blocks,
  }));
  for (let start = 0; start < rows.length; start += PAGES_PER_INSERT) {
    await db.insert(documentPages).values(rows.slice(start, start + PAGES_PER_INSERT));
  }
}
