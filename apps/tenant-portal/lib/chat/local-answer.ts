import { setTimeout as sleep } from "node:timers/promises";
import type { Passage } from "./chat-message.ts";
import { extractiveAnswer } from "./extract.ts";
import { PIECE_MS } from "./fewer-pieces.ts";

/** An answer is seen to come, and is there within a second or two. */
const WORDS_AT_ONCE = 8;

/**
 * What the assistant that needs no service says, in pieces: it invents nothing, quotes the sentences of the passages that
 * answer best, names their document, and says when there are none. It searches no further and remembers nothing said before.
 *
 * @throws the signal's AbortError, between two pieces.
 */
export async function* localAnswer(
  question: string,
  passages: readonly Passage[],
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const words = extractiveAnswer(question, [...passages]).match(/\S+\s*/g) ?? [];
  for (let start = 0; start < words.length; start += WORDS_AT_ONCE) {
    if (start > 0) await sleep(PIECE_MS, undefined, { signal });
    yield words.slice(start, start + WORDS_AT_ONCE).join("");
  }
}
