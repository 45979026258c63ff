import type { Passage } from "./chat-message.ts";

/** How an answer names where it quotes from, in Markdown. */
export function quotePlace({ title, heading }: Pick<Passage, "title" | "heading">): string {
  return `**${plain(title)}**${heading === null ? "" : `, “${plain(heading)}”`}`;
}

/**
 * The passages that an answer quotes, in the order of the answer; empty where it quotes none by their place, as a model's does
 * not. Of passages with the same heading that one which has the quoted words.
 */
export function quotedPassages(answer: string, passages: readonly Passage[]): Passage[] {
  const quoted = new Map<string, { passage: Passage; at: number }>();
  for (const passage of passages) {
    const place = quotePlace(passage);
    const at = answer.indexOf(place);
    if (at === -1) continue;
    const known = quoted.get(place);
    if (known !== undefined && holds(known.passage, quoteAt(answer, at))) continue;
    if (known === undefined || holds(passage, quoteAt(answer, at))) quoted.set(place, { passage, at });
  }
  return [...quoted.values()].sort((one, other) => one.at - other.at).map(({ passage }) => passage);
}

/** Enough of a quote to know it by. */
const KNOWN_BY_CHARACTERS = 40;

const quoteAt = (answer: string, at: number): string =>
  /^> (.*)$/m.exec(answer.slice(at))?.[1]?.slice(0, KNOWN_BY_CHARACTERS) ?? "";

const holds = ({ excerpt }: Passage, quote: string): boolean => excerpt.replace(/\s+/g, " ").includes(quote);

/** Without what Markdown would take for emphasis. */
function plain(text: string): string {
  return text.replace(/[*_`[\]]/g, "\\$&");
}
