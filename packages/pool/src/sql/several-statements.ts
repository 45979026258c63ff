const SEVERAL = /;\s*\S/;

/**
 * Whether a text may hold more than one statement, which only the simple protocol takes; also where the semicolon is only
 * part of a literal. Asked for every statement that is sent.
 */
export function mayBeSeveral(text: string): boolean {
  return text.includes(";") && SEVERAL.test(text);
}
