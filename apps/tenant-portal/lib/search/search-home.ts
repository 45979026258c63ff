import { forTenant, hasReplicas, type Reader } from "@openhouse/db/client";
import { type SearchPage, searchDocuments } from "@openhouse/db/queries/document-search";
import { findHome } from "@openhouse/db/queries/homeowners";
import { noteSearchInVain } from "@openhouse/db/queries/unanswered";
import { logError } from "@openhouse/web/log-error";
import { waitUntil } from "@openhouse/web/pending-work";
import { spend, type UsedUp } from "@openhouse/web/quotas";
import { readAsTenant } from "@openhouse/web/read-position";
import { SYNONYMS } from "../chat/synonyms.ts";

/** Single words of the assistant's synonyms: those of one line say the same. */
const sameMeaning = (word: string): string[] =>
  (SYNONYMS.words.get(word) ?? []).filter((each) => each !== word && !each.includes(" "));

export const PAGE_SIZE = 10;

export interface HomeSearch extends SearchPage {
  /** Null for a homeowner whose home is gone; then nothing is found. */
  developmentName: string | null;
}

/** A page, counted from 1, of what the documents of the homeowner's own development say; or that they have searched too often. */
export async function searchHome(
  { tenantId, homeowner }: { tenantId: string; homeowner: { id: string } },
  { query, page, asTyped = false }: { query: string; page: number; asTyped?: boolean },
): Promise<HomeSearch | { usedUp: UsedUp }> {
  const spender = { tenantId, subjectId: homeowner.id };
  const usedUp = await spend(spender, "searches_a_minute", "company_searches_a_day");
  if (usedUp !== null) return { usedUp };
  const searchIn = async (db: Reader) => {
    const home = await findHome(db, homeowner.id);
    const found = await searchDocuments(db, {
      developmentId: home?.development.id ?? "",
      query,
      limit: PAGE_SIZE,
      offset: (page - 1) * PAGE_SIZE,
      sameMeaning,
      asTyped,
    });
    return { home, found };
  };
  let searched = await searchIn(await readAsTenant(tenantId));
  // A replica may lack what was uploaded just now, and staff would be told that the documents do not say.
  if (searched.found.total === 0 && hasReplicas()) searched = await searchIn(forTenant(tenantId));
  const { home, found } = searched;
  if (home !== null && found.total === 0 && page === 1) {
    const inVain = { developmentId: home.development.id, homeownerId: homeowner.id, query };
    // Nobody who searches waits for it, or is told that it failed.
    void waitUntil(
      noteSearchInVain(forTenant(tenantId), inVain).catch((error) =>
        logError(error, { route: "search in vain" }),
      ),
    );
  }
  return { ...found, developmentName: home?.development.name ?? null };
}
