import fc from "fast-check";
import { DRIZZLE_CALLS } from "./drizzle-calls.ts";
import { type Call, type DrizzleCall, FORMS, type Program, type Step } from "./program.ts";
import { statement } from "./statements.ts";
import { HOLDERS, MIGRATIONS, MIGRATIONS_ELSEWHERE, OTHERS } from "./texts.ts";
import { type Template, valuesFor } from "./types.ts";

/** Texts come again with other values and other statements between: most differences need a text's third execution. */
const MOST_TEXTS = 3;
const MOST_STEPS = 12;
const MOST_HELD = 8;

type Chosen<T> = (templates: readonly Template[]) => T;

const number = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.nat(12) },
  fc.nat(13 ** 4),
);
const form = fc.constantFrom("text", "text", "config", ...FORMS);

const call: fc.Arbitrary<Chosen<Call>> = fc
  .record({ index: fc.nat(MOST_TEXTS - 1), form, seed: number })
  .map(({ index, form: asked, seed }) => (templates) => {
    const { text, types } = templates[index % templates.length] ?? { text: "select 1", types: [] };
    // Under a name of the caller's own, literals are read once, as with pg.Pool.
    const form = text.includes("'") && (asked === "named" || asked === "long") ? "config" : asked;
    return { text, values: valuesFor(types, seed), form };
  });

/**
 * With one value too many, or too few. Only outside of transactions: in one that has failed the server complains of that, or of
 * the values, by whether the statement has a name.
 */
const wrongCall: fc.Arbitrary<Chosen<Call>> = fc
  .tuple(call, fc.boolean())
  .map(([chosen, hasMore]) => (templates) => {
    const { values, ...more } = chosen(templates);
    return { ...more, values: hasMore ? [...values, 1] : values.slice(1) };
  });

const fixedCall = (texts: readonly string[]): fc.Arbitrary<Chosen<Call>> =>
  fc.constantFrom(...texts).map((text) => () => ({ text, values: [], form: "text" }));

const drizzleCall: fc.Arbitrary<DrizzleCall> = fc.record(
  {
    drizzle: fc.constantFrom(...Object.keys(DRIZZLE_CALLS)),
    seed: fc.nat(30),
  },
  { noNullPrototype: true },
);

const own = fc.oneof(
  { weight: 6, arbitrary: call },
  { weight: 5, arbitrary: fixedCall(HOLDERS) },
  fixedCall(MIGRATIONS),
);

const query: fc.Arbitrary<Chosen<Step>> = fc
  .oneof({ weight: 20, arbitrary: call }, wrongCall)
  .map((chosen) => (templates) => ({ query: chosen(templates) }));
const other: fc.Arbitrary<Chosen<Step>> = fixedCall(OTHERS).map((chosen) => (templates) => ({
  query: chosen(templates),
}));
const migration: fc.Arbitrary<Chosen<Step>> = fixedCall(MIGRATIONS).map((chosen) => (templates) => ({
  query: chosen(templates),
}));

const hold: fc.Arbitrary<Chosen<Step>> = fc
  .array(
    fc.oneof(
      {
        weight: 9,
        arbitrary: own.map((chosen) => (templates: readonly Template[]) => ({ own: chosen(templates) })),
      },
      call.map((chosen) => (templates: readonly Template[]) => ({ other: chosen(templates) })),
    ),
    { minLength: 1, maxLength: MOST_HELD },
  )
  .map((chosen) => (templates) => ({ hold: chosen.map((each) => each(templates)) }));

const drizzle: fc.Arbitrary<Chosen<Step>> = drizzleCall.map((step) => () => step);

const transaction: fc.Arbitrary<Chosen<Step>> = fc
  .record({
    transaction: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: drizzleCall.map((each) => () => each) },
        fixedCall(
          [
            ...HOLDERS.filter((text) => !/^(begin|commit|rollback|discard all)/.test(text)),
            ...MIGRATIONS,
          ].filter((text) => !text.includes(";")),
        ).map((chosen) => (templates: readonly Template[]) => ({ execute: chosen(templates) })),
      ),
      { maxLength: 4 },
    ),
    nested: fc.array(drizzleCall, { maxLength: 2 }),
    fails: fc.constantFrom("none", "none", "nested", "outer"),
  })
  .map(
    ({ transaction, ...more }) =>
      (templates) =>
        ({ transaction: transaction.map((each) => each(templates)), ...more }) as Step,
  );

const elsewhere: fc.Arbitrary<Chosen<Step>> = fc
  .constantFrom(...MIGRATIONS_ELSEWHERE)
  .map((text) => () => ({ elsewhere: text }));

/** Of four programs three have no migration of somebody else's, and one has nothing that outlasts one statement beside. */
const steps: fc.Arbitrary<Chosen<Step>[]> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: query },
        { weight: 2, arbitrary: drizzle },
        { weight: 3, arbitrary: hold },
        transaction,
        { weight: 2, arbitrary: other },
      ),
      { minLength: 3, maxLength: MOST_STEPS },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: query },
        { weight: 2, arbitrary: drizzle },
        { weight: 2, arbitrary: migration },
        hold,
      ),
      { minLength: 4, maxLength: MOST_STEPS },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: query },
        { weight: 2, arbitrary: drizzle },
        { weight: 2, arbitrary: elsewhere },
      ),
      { minLength: 5, maxLength: MOST_STEPS },
    ),
  },
);

export const program: fc.Arbitrary<Program> = fc
  .record({
    templates: fc.array(statement, { minLength: 1, maxLength: MOST_TEXTS }),
    steps,
  })
  .map(({ templates, steps }) => steps.map((chosen) => chosen(templates)));
