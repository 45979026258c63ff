/** What a development's documents are about. */
export const TOPICS: readonly { readonly thing: string; readonly about: string }[] = [
  { thing: "boiler", about: "heating pressure" },
  { thing: "radiator", about: "bleeding valves" },
  { thing: "thermostat", about: "room temperature" },
  { thing: "ventilation", about: "kitchen extractor" },
  { thing: "smoke alarm", about: "battery replacement" },
  { thing: "fuse box", about: "electric circuits" },
  { thing: "water meter", about: "stop valve" },
  { thing: "broadband", about: "fibre socket" },
  { thing: "parking space", about: "visitor permits" },
  { thing: "bicycle store", about: "key fob" },
  { thing: "lift", about: "maintenance contract" },
  { thing: "front door", about: "lock cylinder" },
  { thing: "window", about: "trickle vents" },
  { thing: "balcony", about: "drainage outlet" },
  { thing: "garden", about: "shared lawn" },
  { thing: "waste store", about: "collection days" },
  { thing: "recycling", about: "glass containers" },
  { thing: "solar panel", about: "inverter display" },
  { thing: "warranty", about: "structural defects" },
  { thing: "snagging", about: "plaster cracks" },
];

export interface LoadDocument {
  readonly title: string;
  readonly fileName: string;
  readonly body: string;
}

/** Two documents a topic, six sections each: about 240 passages, as a development of some size has. */
export function loadDocuments(): LoadDocument[] {
  return TOPICS.flatMap(({ thing, about }, index) =>
    ["Guide", "Questions"].map((form) => ({
      title: `${form}: ${thing}`,
      fileName: `${form.toLowerCase()}-${index + 1}.md`,
      body: [`# ${form}: ${thing}`, ...SECTIONS.map((section) => section(thing, about))].join("\n\n"),
    })),
  );
}

const SECTIONS: readonly ((thing: string, about: string) => string)[] = [
  (thing, about) =>
    `## First days\n\nBefore you move in, find the ${thing} and read the label beside it. It tells you about the ${about} and names the company that has fitted it. Keep the label where it is, because whoever comes to look needs it.`,
  (thing, about) =>
    `## Every month\n\nLook at the ${thing} once a month. Dust, damp and rattling are the usual signs that the ${about} wants attention. Wipe it with a dry cloth, and write down what you have seen and when.`,
  (thing, about) =>
    `## Once a year\n\nThe ${thing} is checked once a year by somebody who is qualified for it. The managing agent arranges the visit and writes to you two weeks ahead. Please make room around the ${about} on that day.`,
  (thing, about) =>
    `## When something is wrong\n\nIf the ${thing} stops working, switch it off, leave the ${about} as it is and call the managing agent. Out of hours the number on your welcome letter is answered day and night.`,
  (thing, about) =>
    `## What is covered\n\nFor two years the developer puts right what was badly made about the ${thing}. Wear and changes of your own to the ${about} are not covered, nor is what a visitor has broken.`,
  (thing, about) =>
    `## Further reading\n\nThe manufacturer's manual for the ${thing} lies in your handover folder. It explains the ${about} step by step with pictures, and lists the spare parts with their numbers.`,
];
