import type { Visit } from "../support/crowd.ts";
import type { Answer } from "../support/visitor.ts";

/** A portal, and what people do in it. */
export interface Subject {
  /** Its directory under apps/. */
  readonly workspace: string;
  /** Signs somebody in through the portal's own form; answers the cookie. */
  signIn(origin: string): Promise<string>;
  /** Pages and routes that ask the database, for whoever has the cookie. */
  visits(origin: string, cookie: string): Promise<Visit[]>;
  /** Fills in a form that changes something; nothing is sent yet. */
  fillInForm(origin: string, cookie: string): Promise<FilledForm>;
  /** Locked for writers, this table holds a sent form up in the middle of its write. */
  readonly tableOfForm: string;
}

export interface FilledForm {
  send(): Promise<Answer>;
  /** Whether the answer says that it is done. */
  acknowledged(answer: Answer): boolean;
  /** Whether the database has what the answer says. */
  kept(answer: Answer): Promise<boolean>;
}

/** The part of `html` that the pattern's first group matches. */
export function find(html: string, pattern: RegExp): string {
  const found = pattern.exec(html)?.[1];
  if (found === undefined) throw new Error(`${pattern} is not in the page`);
  return found;
}
