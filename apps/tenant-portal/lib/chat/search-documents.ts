import { searchChunks } from "@openhouse/db/queries/document-chunks";
import type { Flight } from "@openhouse/web/flight";
import { tool } from "ai";
import { z } from "zod";
import type { ChatTools, Passage } from "./chat-message.ts";
import { withSynonyms } from "./concepts.ts";
import { rankPassages } from "./extract.ts";
import { withoutLoneSurrogates } from "./request.ts";

export const SEARCH_TOOL = "searchDocuments";
/** As many as a model reads with profit, and a page lists. */
const MOST_PASSAGES = 5;
/** Looked at for these: a search knows words, and what answers is told by more. */
const CANDIDATES = 14;
/** Characters. A question may be a letter; what it is about is in its beginning. */
const LONGEST_QUERY = 200;
/** A model that goes on searching is not let use the pool up. */
const MOST_SEARCHES = 5;

/** A question as words to search for: one line, not too long. */
export function toQuery(question: string): string {
  const line = withoutLoneSurrogates(question).replaceAll("\0", "").replace(/\s+/g, " ").trim();
  if (line.length <= LONGEST_QUERY) return line;
  const cut = line.slice(0, LONGEST_QUERY + 1);
  const lastSpace = cut.lastIndexOf(" ");
  return withoutLoneSurrogates(cut.slice(0, lastSpace > 0 ? lastSpace : LONGEST_QUERY));
}

/** The passages of a development's documents that answer best. One statement. */
export async function searchDocuments(
  flight: Flight,
  { developmentId, query }: { developmentId: string; query: string },
): Promise<{ passages: Passage[] }> {
  const found = await flight.ask(
    searchChunks(flight.db, {
      developmentId,
      query: `${query} ${withSynonyms(query)}`,
      limit: CANDIDATES,
    }),
  );
  const candidates = found.map(({ documentId, documentTitle, heading, position, body }) => ({
    documentId,
    title: documentTitle,
    heading,
    position,
    excerpt: body,
  }));
  return { passages: rankPassages(query, candidates).slice(0, MOST_PASSAGES) };
}

/**
 * The tools of one answer.
 *
 * @param search what a call does; it is called at most five times.
 * @param onError gets what went wrong; the model is told only that the search did not work.
 */
export function chatTools(
  search: (query: string) => Promise<ChatTools["searchDocuments"]["output"]>,
  onError: (error: unknown) => void,
) {
  let calls = 0;
  return {
    [SEARCH_TOOL]: tool({
      description:
        "Searches the documents of the homeowner's development: manuals, guarantees, rules, collection days.",
      inputSchema: z.object({
        query: z.string().min(1).describe("A few words that a passage with the answer would hold"),
      }),
      async execute({ query }) {
        calls += 1;
        if (calls > MOST_SEARCHES) throw new Error("That is enough searching: answer with what was found.");
        try {
          return await search(toQuery(query));
        } catch (error) {
          onError(error);
          throw new Error("The documents cannot be searched right now.");
        }
      },
    }),
  };
}
