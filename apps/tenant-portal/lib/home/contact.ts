import type { Passage } from "../chat/chat-message.ts";
import { contactIn } from "../chat/local-answer.ts";
import { phoneIn } from "../chat/urgent.ts";

/** Whom to call, as the development's own documents say it. */
export interface Contact {
  phone: string;
  email: string | null;
  /** What the document says about it, word for word. */
  says: string;
  source: Pick<Passage, "documentId" | "position" | "title">;
}

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;

/** The contact that the passages name; null where they name none: nothing is made up. */
export function readContact(passages: readonly Passage[]): Contact | null {
  const found = contactIn(passages);
  const says = found?.sentences.join(" ") ?? "";
  const phone = phoneIn(says);
  if (found === undefined || phone === undefined) return null;
  return { phone, email: EMAIL.exec(says)?.[0] ?? null, says, source: found.passage };
}
