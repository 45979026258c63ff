/**
 * Words that say how somebody asks or finds a thing, and not what it is: forms of speech, verbs that go with anything, judgements and
 * degrees.
 */
const CHATTER = new Set(
  `ask asked asking asks bad badly best better big came comes coming dead down gave gets getting gives goes gone good great happen
  happened happens huge issue keeps knew known likes little looking looks makes making matter nice needed needs problem problems putting puts
  question quite rather small stuff terrible things tiny tried tries try trying trouble wanted wants went worse worst wrong
  a about after again all also am an and another any anything are as at be because been before being but by call can could did do does
  doing don find for from get give go going got had has have having hello help her here hey hi him his how i if in into is it
  its just know like long look many may me mean men might more most much must my myself need new no not now of off ok okay old on once
  one only or other our out over own please people possible put really said same say says see shall she should since so some
  somebody someone something such take takes tell than thank thanks that the their them then there these they thing things think
  this those through to too under until up us use very want wants was way we were what when where which while who whom
  why will with within without would yes yet you your
  quand quel quelle où comment combien est sont puis peux peut dois je mon ma mes le la les un une des du de et à elles ils pour dans
  wann wie wo was wer wird werden kann ich mein meine der die das den dem ein eine ist sind und zu für mit im in auf
  cuándo cómo dónde qué quién puedo puede pueden mi mis el los las una es son y para con en se
  kiedy jak gdzie co kto mogę może mój moja moje jest są się i do na w z czy`.split(/\s+/),
);
/** Enough for a question; a story's further words say no more about what is asked. */
const MOST_WORDS = 24;
/** Of the letter pairs of two words, the share that both have. Sees through endings and most slips of the keyboard. */
const ALIKE = 0.65;

/** A text's words in small letters. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What a question is about: its words without chatter, each once. */
export function topicWords(question: string): string[] {
  const words = wordsOf(question).filter((word) => word.length > 1 && !CHATTER.has(word));
  return [...new Set(words)].slice(0, MOST_WORDS);
}

/** Whether two words are forms of one: "bin" and "bins", "collected" and "collection", "radiator" and "radiatr". */
export function isAlike(one: string, other: string): boolean {
  if (one === other) return true;
  if (one.charAt(0) !== other.charAt(0) || one.length < 3 || other.length < 3) return false;
  const pairs = pairsOf(one);
  const rest = pairsOf(other);
  const total = pairs.length + rest.length;
  let common = 0;
  for (const pair of pairs) {
    const found = rest.indexOf(pair);
    if (found === -1) continue;
    rest.splice(found, 1);
    common += 1;
  }
  return (2 * common) / total >= ALIKE;
}

function pairsOf(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, start) => word.slice(start, start + 2));
}
