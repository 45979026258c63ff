const NUMBER =
  "\\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|twenty|twenty-one|twenty-eight|thirty|fifty|sixty|ninety";

/** What a question of some kind wants in its answer. */
const KINDS: readonly { asks: RegExp; wants: RegExp }[] = [
  {
    asks: /\b(?:when|what day|which day|what time|quand|wann|cuándo|kiedy)\b/iu,
    wants: /\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bday of completion\b|\bnoon\b|\bweeks?\b/i,
  },
  {
    asks: /\b(?:how much|costs?|price|fee|combien|wie viel|cuánto|ile)\b/iu,
    wants: /[£€$]\s?\d|free of charge/i,
  },
  {
    asks: /\b(?:how long|how soon|how quickly|how many (?:days|weeks|hours)|until when)\b/i,
    wants: new RegExp(
      `\\b(?:${NUMBER}) (?:working )?(?:minutes?|hours?|days?|weeks?|months?|years?)\\b`,
      "i",
    ),
  },
  { asks: /\bhow often\b/i, wants: /\b(?:each|every|once|twice|yearly|monthly|weekly)\b/i },
  { asks: /\bhow (?:many|big|large)\b/i, wants: new RegExp(`\\b(?:${NUMBER})\\b`, "i") },
  {
    asks: /\b(?:who|phone|number|call|contact|ring|appeler|anrufen|llamar)\b/i,
    wants: /\b0\d{2,4} \d{3} \d{3,4}\b|@|\bcall\b/,
  },
  {
    asks: /\bwhere\b|\bdónde\b|\bwo\b|\boù\b|\bgdzie\b/iu,
    wants: /\b(?:in|at|on|behind|beside|inside|store|place)\b/i,
  },
  {
    asks: /\b(?:can i|may i|am i allowed|is it ok|is it okay|allowed|permitted)\b/i,
    wants: /\b(?:not|never|may|only|allowed|permitted)\b/i,
  },
];

/** Whether a sentence has what the question wants to know: a day, a sum, a number to call. */
export function answersKind(question: string): (sentence: string) => boolean {
  const wanted = KINDS.filter(({ asks }) => asks.test(question)).map(({ wants }) => wants);
  return (sentence) => wanted.some((wants) => wants.test(sentence));
}
