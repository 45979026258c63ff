import type { Reader } from "@openhouse/db/client";
import { makeDocumentAside } from "@openhouse/db/markdown/make-document";
import { type FoundPage, findDocument, findDocumentPage, type Place } from "@openhouse/db/queries/documents";

/** A page of a document, which is there. */
export interface DocumentPage extends FoundPage {
  pageCount: number;
  page: NonNullable<FoundPage["page"]>;
  /** The passage that somebody comes for, from 0; null where they come for a page. */
  passage: number | null;
}

/**
 * One page of a document; null where there is no such document or page. One whose pages are not made yet, because it was
 * uploaded just now, has them made for this reader.
 */
export async function readDocumentPage(db: Reader, id: string, place: Place): Promise<DocumentPage | null> {
  const found = await findDocumentPage(db, id, place);
  if (found === null) return null;
  const { pageCount, page } = found;
  const passage = "passage" in place ? place.passage : null;
  if (pageCount !== null) return page === null ? null : { ...found, pageCount, page, passage };
  const document = await findDocument(db, id);
  if (document === null) return null;
  const { pages, outline } = await makeDocumentAside(document);
  const index =
    "page" in place
      ? place.page - 1
      : pages.findLastIndex(({ firstPassage }) => firstPassage <= place.passage);
  const blocks = pages[index]?.blocks;
  if (blocks === undefined) return null;
  return {
    ...found,
    outline,
    pageCount: pages.length,
    page: { number: index + 1, blocks: JSON.parse(blocks) },
    passage,
  };
}

/** Where an address wants to begin: `?passage=12` as search results have it, or `?page=3`. */
export function readPlace(query: Record<string, string | string[] | undefined>): Place {
  const passage = readNumber(query.passage);
  if (passage !== null) return { passage };
  return { page: readNumber(query.page) ?? 1 };
}

/** No more digits than Postgres' integers take. */
function readNumber(value: string | string[] | undefined): number | null {
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : null;
}
