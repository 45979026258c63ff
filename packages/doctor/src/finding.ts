/** `wrong` will wake somebody, or hands out rows; `warn` may; `note` is worth knowing; `skip` could not be looked at. */
export type Level = "ok" | "note" | "warn" | "wrong" | "skip";

/** What a check has found, beside what the check says of itself. */
export interface Found {
  readonly level: Level;
  /** The table, setting or role, by which it can be ignored; undefined where there is only one such thing. */
  readonly object?: string | undefined;
  readonly what: string;
  /** SQL, or a setting; empty where nothing is to be changed. */
  readonly change: string;
}

export interface Finding extends Found {
  /** Of the check: stable. */
  readonly id: string;
  readonly title: string;
  /** What comes of it. */
  readonly why: string;
}

const maker = (level: Level) => (what: string, change: string, object?: string) => ({
  level,
  what,
  change,
  object,
});

export const wrong: (what: string, change: string, object?: string) => Found = maker("wrong");
export const warn: (what: string, change: string, object?: string) => Found = maker("warn");
export const note: (what: string, change: string, object?: string) => Found = maker("note");
export const skip: (what: string, change?: string, object?: string) => Found = (what, change = "", object) =>
  maker("skip")(what, change, object);
export const ok = (what: string): Found => ({ level: "ok", what, change: "" });

/** Thrown by what a check asks for and cannot have: the check is skipped, and its reason told. */
export class CannotLook extends Error {
  constructor(
    message: string,
    readonly change = "",
  ) {
    super(message);
    this.name = "CannotLook";
  }
}
