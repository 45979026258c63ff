/** One text with its values, and the form in which it is handed over. */
export interface Call {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly form: Form;
}

/** `named`: under a name of the caller's; `long`: under one that is equal to others in its first 63 bytes. */
export const FORMS = ["text", "config", "array", "named", "long", "extended"] as const;
export type Form = (typeof FORMS)[number];

/** What Drizzle is asked for: one of DRIZZLE_CALLS, and the number that its values are chosen by. */
export interface DrizzleCall {
  readonly drizzle: string;
  readonly seed: number;
}

export type Step =
  /** `pool.query`. */
  | { readonly query: Call }
  /** `connect`, statements one after the other, `release`; `other` ones go to the pool meanwhile. */
  | { readonly hold: readonly ({ readonly own: Call } | { readonly other: Call })[] }
  | DrizzleCall
  /** A Drizzle transaction with a nested one in it, each of which may fail at its end. */
  | {
      readonly transaction: readonly (DrizzleCall | { readonly execute: Call })[];
      readonly nested: readonly DrizzleCall[];
      readonly fails: "none" | "nested" | "outer";
    }
  /** On a connection that is not the pool's: somebody else's migration. */
  | { readonly elsewhere: string };

export type Program = readonly Step[];

const CHANGES_NO_TABLE =
  /\b(insert into|merge into|do nothing|do update|into temp|create temp|on commit drop)\b/g;

/** Whether a program may change what a table is, so that all is made anew behind it. */
export function changesSchema(program: Program): boolean {
  return /\b(create|alter|drop|into|do)\b/.test(textsOf(program).replace(CHANGES_NO_TABLE, ""));
}

function textsOf(program: Program): string {
  return program
    .flatMap((step) => {
      if ("query" in step) return [step.query.text];
      if ("hold" in step) return step.hold.map((each) => ("own" in each ? each.own : each.other).text);
      if ("transaction" in step)
        return step.transaction.map((each) => ("execute" in each ? each.execute.text : ""));
      return "elsewhere" in step ? [step.elsewhere] : [];
    })
    .join("\n");
}
