import type { Template } from "./types.ts";

/**
 * What the pool is known to do differently although it should not: the generator leaves it out until that is mended. The
 * list shrinks to nothing. DIFFERENTIAL_KNOWN=generated has nothing left out.
 */
const KNOWN: readonly Known[] = [
  // 'now' and dates without a zone are read once, when a statement gets its name.
  "literals",
  // A name is kept where a temporary table, or another search_path, gives its tables another meaning.
  "other tables",
  // A statement that has a name keeps the types of its parameters, and what its functions were.
  "migrations",
  // Two names that are equal in their first 63 bytes are one.
  "long names",
];

type Known = "literals" | "other tables" | "migrations" | "long names";

const isKnown = (kind: Known) => process.env.DIFFERENTIAL_KNOWN !== "generated" && KNOWN.includes(kind);

export function isLeftOut({ text }: Template): boolean {
  return isKnown("literals") && text.includes("'");
}

/** Of texts that are sent as they are, those that are generated. */
export function generated(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => {
    if (isKnown("literals") && text === "present") return false;
    if (isKnown("other tables") && /search_path|temp|tenant_a/.test(text)) return false;
    return !isKnown("migrations") || !/\b(alter|drop|create)\b(?!.*temp)/.test(text);
  });
}

export function generatedForms<T extends string>(forms: readonly T[]): readonly T[] {
  return forms.filter((form) => !isKnown("long names") || form !== "long");
}
