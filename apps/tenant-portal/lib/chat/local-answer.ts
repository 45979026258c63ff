import { setTimeout as sleep } from "node:timers/promises";
import type { Passage } from "./chat-message.ts";
import { partsOf } from "./concepts.ts";
import { extractQuotes, NOTHING_FOUND, type Quote, sayQuotes } from "./extract.ts";
import { PIECE_MS } from "./fewer-pieces.ts";
import { CONTACT_QUERY, isEmergency, phoneIn, smallTalk } from "./urgent.ts";

/** An answer is seen to come, and is there within a second or two. */
const WORDS_AT_ONCE = 8;

/** Finds passages for a query. */
export type Search = (query: string) => Promise<{ passages: Passage[] }>;

/**
 * What the assistant that needs no service says: it invents nothing, quotes the sentences of the passages that answer
 * best, and names their document. In an emergency it says first who to call, and where nothing answers, whom to ask; it
 * searches for that itself. It remembers nothing but what the query has of the question before.
 */
export async function localAnswer(
  query: string,
  passages: readonly Passage[],
  search: Search,
): Promise<string> {
  const { own } = partsOf(query);
  const talk = smallTalk(own);
  if (talk !== undefined) return talk;
  const quotes = extractQuotes(query, passages);
  const urgent = isEmergency(own);
  if (!urgent && quotes.length > 0) return sayQuotes(quotes);
  const contact = contactIn((await search(CONTACT_QUERY)).passages);
  const number = contact === undefined ? undefined : phoneIn(contact.sentences.join(" "));
  if (!urgent) return number === undefined ? NOTHING_FOUND : `${NOTHING_FOUND} Their number is ${number}.`;
  const first = "**If anybody is in danger, call 999 first.**";
  const further = quotes.filter(({ passage }) => !isSame(passage, contact?.passage));
  return [
    first,
    contact === undefined ? NOTHING_FOUND : sayQuotes([contact]),
    ...(further.length > 0 ? [sayQuotes(further, false)] : []),
  ].join("\n\n");
}

/** Who answers in an emergency: sentences with a number, of the passage that says so. */
export function contactIn(passages: readonly Passage[]): Quote | undefined {
  const withNumber = passages.filter(({ excerpt }) => phoneIn(excerpt) !== undefined);
  const passage =
    withNumber.find(({ excerpt }) => /emergency line/i.test(excerpt)) ??
    withNumber.find(({ excerpt }) => /emergenc|customer care/i.test(excerpt));
  if (passage === undefined) return undefined;
  return { passage, sentences: [passage.excerpt.replace(/\s+/g, " ").trim()] };
}

const isSame = (one: Passage, other: Passage | undefined): boolean =>
  one.documentId === other?.documentId && one.position === other.position;

/**
 * An answer in pieces.
 *
 * @throws the signal's AbortError, between two pieces.
 */
export async function* inPieces(answer: string, signal: AbortSignal): AsyncGenerator<string, void, void> {
  const words = answer.match(/\S+\s*/g) ?? [];
  for (let start = 0; start < words.length; start += WORDS_AT_ONCE) {
    if (start > 0) await sleep(PIECE_MS, undefined, { signal });
    yield words.slice(start, start + WORDS_AT_ONCE).join("");
  }
}
