/** Longest title of a conversation, in characters. */
export const TITLE_MAX_LENGTH = 100;

/** A title as it is stored: one line, without blanks at its ends; null where nothing is left or it is too long. */
export function readTitle(typed: unknown): string | null {
  if (typeof typed !== "string") return null;
  const title = typed.replace(/\s+/g, " ").trim();
  return title === "" || title.length > TITLE_MAX_LENGTH ? null : title;
}

const OPENING_LENGTH = 60;

/** The title of a conversation that has none of its own: the first words of its first question. */
export function openingTitle(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  if (line.length <= OPENING_LENGTH) return line;
  const cut = line.slice(0, OPENING_LENGTH);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), OPENING_LENGTH / 2))}…`;
}
