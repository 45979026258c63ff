import { TOPICS } from "../environment/documents.ts";

/** Typed in a hurry: every seventh search has a letter too few, where a word is long enough to be known all the same. */
const TYPO_EVERY = 7;
const LONG_WORD = 7;

/** What a homeowner asks, about one of the documents' topics. The same for the same index. */
export function questionAt(index: number): string {
  const { thing, about } = topicAt(index);
  const forms = [
    `How do I look after the ${thing}?`,
    `Who do I call when the ${thing} does not work?`,
    `What should I know about the ${about}?`,
    `How often does the ${thing} have to be checked?`,
  ];
  return forms[index % forms.length] ?? "";
}

/** What a homeowner types into the search. */
export function queryAt(index: number): string {
  const { thing, about } = topicAt(index);
  const words = index % 2 === 0 ? thing : `${thing} ${about}`;
  return index % TYPO_EVERY === 0 ? withoutALetter(words) : words;
}

function topicAt(index: number) {
  const topic = TOPICS[index % TOPICS.length];
  if (topic === undefined) throw new Error("there are no topics");
  return topic;
}

/** The third letter of the longest word. */
function withoutALetter(words: string): string {
  const longest = words.split(" ").toSorted((one, other) => other.length - one.length)[0] ?? "";
  if (longest.length < LONG_WORD) return words;
  return words.replace(longest, longest.slice(0, 2) + longest.slice(3));
}
