const LONGEST_QUOTE = 40;

/**
 * A setting's value as a fault may show it: quoted, on one line, shortened.
 * What looks like a URL is not shown at all, because one that was put into the wrong variable holds a password.
 */
export function quote(value: unknown): string {
  if (typeof value !== "string") return String(value);
  if (/:\/\/|@/.test(value)) return "(not shown: it looks like a URL)";
  return JSON.stringify(value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}...` : value);
}

/** `a, b or c` */
export function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join() : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

/** Reads a plain whole number within bounds; `undefined` for everything else ("5s", "-1", "3e9", " 5", "007"). */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^(0|[1-9]\d*)$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}
