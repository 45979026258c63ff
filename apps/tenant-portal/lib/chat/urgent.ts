/** What somebody writes who needs a number now. English, French, German, Spanish and Polish. */
const EMERGENCIES: readonly RegExp[] = [
  /\b(?:flood(?:s|ed|ing)?|burst|gushing|pouring)\b/i,
  /\bwater\b.*\b(?:through|everywhere|ceiling|down the wall|can ?not stop|can.t stop|won.t stop)\b/i,
  /\b(?:leak|leaking|leaks)\b.*\b(?:ceiling|badly|everywhere|water|pipe)\b|\bwater leak\b/i,
  /\b(?:smell|smells|smelling|leak|leaking)\b.*\bgas\b|\bgas (?:leak|smell)\b|\bcarbon monoxide\b/i,
  /\b(?:on fire|there is a fire|fire!|is burning|smoke is coming)/i,
  /\b(?:no|lost|without)(?: any)? (?:power|electricity)\b|\bpower (?:cut|is out|outage|failure)\b|\bblackout\b/i,
  /\b(?:no|lost|without)(?: any)? (?:heating|heat)\b|\bheating (?:has |is )?(?:stopped|failed|dead|broken|not working)\b/i,
  /\blocked (?:out|in)\b|\b(?:can ?not|can.t|won.t|does not|doesn.t) (?:be )?lock\b|\bbroken into\b|\bburglar/i,
  /\b(?:trapped|stuck)\b.*\b(?:lift|elevator)\b|\b(?:lift|elevator)\b.*\b(?:trapped|stuck)\b/i,
  /\bfuite d.eau\b|\binondation\b|\bodeur de gaz\b|\bau feu\b|\bincendie\b|\bpanne de courant\b/i,
  /rohrbruch|überschwemm|gasgeruch|nach gas|es brennt|stromausfall|ausgesperrt/i,
  /fuga de (?:agua|gas)|inundaci|huele a gas|incendio|sin luz/i,
  /wyciek|zalewa|zalanie|czu[ćj]\w* gaz|pożar|nie ma prądu/i,
];

export const isEmergency = (question: string): boolean => EMERGENCIES.some((each) => each.test(question));

/** Words that find who to call. */
export const CONTACT_QUERY = "customer care team answers emergency line same number";

const PHONE = /\b0\d{2,4} \d{3} \d{3,4}\b/;

/** A phone number in a text, as it is written there. */
export const phoneIn = (text: string): string | undefined => PHONE.exec(text)?.[0];

const TALK: readonly { said: RegExp; answer: string }[] = [
  {
    said: /^(?:many )?(?:thanks|thank you|thx|cheers|ta|merci|danke|gracias|dziękuję|great|perfect|super)(?: (?:a lot|very much|so much|beaucoup|schön|you|that helps|for your help|for that))*$/i,
    answer: "You’re welcome. If there is more you would like to know about your home, just ask.",
  },
  {
    said: /^(?:hi|hello|hey|good (?:morning|afternoon|evening)|bonjour|hallo|hola|cześć)(?: there)?$/i,
    answer: "Hello. What would you like to know about your home? I look it up in your documents.",
  },
];

/** What is answered where nothing was asked; undefined where something was. */
export function smallTalk(question: string): string | undefined {
  const plain = question
    .replace(/[\p{P}\p{S}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return TALK.find(({ said }) => said.test(plain))?.answer;
}
