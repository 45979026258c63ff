const MOST = 4;

/** What people ask of a document that is about one of these. */
const QUESTIONS: readonly (readonly [RegExp, string])[] = [
  [/recycling|rubbish|waste|bins?\b/i, "When are the bins collected?"],
  [/heat|boiler|hot water/i, "How do I set the heating?"],
  [/parking|car park/i, "Where may my visitors park?"],
  [/warrant|guarantee/i, "What does my warranty cover?"],
  [/snag|defect/i, "How do I report a defect?"],
  [/broadband|internet|fibre/i, "How do I get broadband?"],
  [/handover|moving in/i, "What happens at the handover?"],
];

/** Questions to begin with that these documents can answer, at most four. */
export function suggestQuestions(titles: readonly string[]): string[] {
  return QUESTIONS.filter(([about]) => titles.some((title) => about.test(title)))
    .map(([, question]) => question)
    .slice(0, MOST);
}
