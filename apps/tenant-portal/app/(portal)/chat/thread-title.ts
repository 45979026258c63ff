import { unseenCharacter } from "@openhouse/db/names";

/** Longest title of a conversation, in characters. */
export const TITLE_MAX_LENGTH = 100;

/** A title as it is stored, one line without blanks at its ends; or what is wrong with it, for whoever typed it. */
export function readTitle(typed: unknown): { title: string } | { fault: string } {
  const title = typeof typed === "string" ? typed.replace(/\s+/g, " ").trim() : "";
  if (title === "" || title.length > TITLE_MAX_LENGTH) {
    return { fault: `A title has 1 to ${TITLE_MAX_LENGTH} characters.` };
  }
  const unseen = unseenCharacter(title);
  return unseen === null
    ? { title }
    : { fault: `The title holds ${unseen}, which cannot be seen. Please type it without.` };
}
