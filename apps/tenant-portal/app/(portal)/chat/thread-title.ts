/** Longest title of a conversation, in characters. */
export const TITLE_MAX_LENGTH = 100;

/** A title as it is stored: one line, without blanks at its ends; null where nothing is left or it is too long. */
export function readTitle(typed: unknown): string | null {
  if (typeof typed !== "string") return null;
  const title = typed.replace(/\s+/g, " ").trim();
  return title === "" || title.length > TITLE_MAX_LENGTH ? null : title;
}
