import type { AnswerJob } from "./answer-job.ts";
import { NOTHING_FOUND } from "./extract.ts";
import type { Said } from "./relay-model.ts";

/**
 * Whether an answer says that the documents do not: in the words of the assistant that only quotes, and of a model, which says
 * it in any words and language, where none of its searches found a passage.
 */
export function isNothingKnown(
  { assistant, lookup }: Pick<AnswerJob, "assistant" | "lookup">,
  { text, lookups, ending }: Said,
): boolean {
  if (ending !== "complete") return false;
  if (assistant.local) return text.includes(NOTHING_FOUND);
  return [lookup, ...lookups].every(({ output }) => hasNoPassage(output));
}

const hasNoPassage = (output: unknown): boolean =>
  typeof output === "object" &&
  output !== null &&
  "passages" in output &&
  Array.isArray(output.passages) &&
  output.passages.length === 0;
