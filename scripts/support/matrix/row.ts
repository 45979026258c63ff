import type { Outside } from "./outside.ts";

/** One surrounding in which others use the package. */
export interface Row {
  /** As `--only` takes it. */
  readonly name: string;
  /** What is tried there. */
  readonly what: string;
  try(outside: Outside): Promise<Tried>;
}

/** Rows that are shown, and written into docs/matrix.md, together. */
export interface Group {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** How a row went. */
export interface Tried {
  /** Of what was there beside the package. */
  readonly versions: string;
  /** How many checks there were. */
  readonly checks: number;
  /** What went wrong, a line each. */
  readonly wrong: readonly string[];
  /** A figure, or what else is worth a reader's while. */
  readonly note?: string;
}
