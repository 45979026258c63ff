import { growthOf, MOST_GROWTH } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import { meaningChangedBy } from "../src/sql/name-effect.ts";
import { leavesNothing, SessionEffects } from "../src/sql/session-effect.ts";
import { HARMFUL, HARMLESS } from "./support/session-texts.ts";

const MEGABYTES = 2_800_000;

describe("a text that leaves nothing is told", () => {
  test.each(Object.entries(HARMLESS))("%s", (_what, texts) => {
    expect(texts.filter((text) => !leavesNothing(text))).toEqual([]);
  });
});

describe("a text that may leave something is told", () => {
  test.each(Object.entries(HARMFUL))("%s", (_what, texts) => {
    expect(texts.filter((text) => leavesNothing(text))).toEqual([]);
  });

  test("wherever it stands among harmless ones", () => {
    const harmless = Object.values(HARMLESS).flat();
    for (const text of Object.values(HARMFUL).flat()) {
      const before = harmless[text.length % harmless.length];
      expect([text, leavesNothing(`${before}\n; ${text}`), leavesNothing(`${text}\n; ${before}`)]).toEqual([
        text,
        false,
        false,
      ]);
    }
  });
});

test("a function of the schema leaves nothing where that was declared, by the name that the statement uses", () => {
  const own = new Set(["harmless", "app.harmless", "Harmless", "nextval", "a.b.c"]);
  const declared = [
    "select harmless('x')",
    "select HARMLESS ('x')",
    "select \"harmless\"('x')",
    "select app.harmless('x')",
    'select "app"."harmless"(\'x\')',
    "select \"Harmless\"('x')",
    "select nextval('s')",
    "select x.v from harmless('x') as x(v)",
  ];
  const others = [
    "select public.harmless('x')",
    "select other.harmless('x')",
    "select pg_catalog.harmless('x')",
    "select \"app.harmless\"('x')",
    "select \"HARMLESS\"('x')",
    "select a.b.c('x')",
    "select \"a.b\".c('x')",
    "select x.become from harmless('x') as x",
    "select harmless(become('x'))",
  ];
  expect(declared.filter((text) => !leavesNothing(text, own))).toEqual([]);
  expect(others.filter((text) => leavesNothing(text, own))).toEqual([]);
  expect(declared.filter((text) => leavesNothing(text))).toEqual([]);
});

describe("a text of megabytes takes no time that shows", () => {
  const rows = (length: number) =>
    Array.from({ length: length / 216 }, (_, row) => {
      const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((n) => `$${row * 5 + n}`);
      return `(${a}, ${b}, ${c}::jsonb, default, ${d}, lower(${e}), '${"x".repeat(150)}')`;
    }).join(", ");
  test.each<[string, boolean, (length: number) => string]>([
    ["rows with 65,000 parameters", true, (length) => `insert into t values ${rows(length)}`],
    ["a literal", true, (length) => `insert into t values ('${"x".repeat(length)}')`],
    ["quotes in a literal", true, (length) => `insert into t values ('${"''".repeat(length / 2)}')`],
    ["dollar quotes", true, (length) => `insert into t values ($a$${"$b$".repeat(length / 3)}$a$)`],
    [
      "comments in comments",
      true,
      (length) => `${"/*".repeat(length / 4)}${"*/".repeat(length / 4)} select 1`,
    ],
    ["comments without an end", false, (length) => `select 1 ${"/*".repeat(length / 2)}`],
    ["dollars without an end", false, (length) => `select $x$${"$a$".repeat(length / 3)}`],
    [
      "parentheses in parentheses",
      false,
      (length) => `select ${"(".repeat(length / 2)}1${")".repeat(length / 2)}`,
    ],
    ["calls in calls", false, (length) => `select ${"lower(".repeat(length / 7)}a${")".repeat(length / 7)}`],
    [
      "columns of a function",
      true,
      (length) => `select ${"x.c, ".repeat(length / 5)} 1 from unnest(a) as x (c)`,
    ],
    ["operators", true, (length) => `select 1 ${"+".repeat(length)} 1`],
    ["a word", true, (length) => `select ${"a".repeat(length)}`],
    ["statements", true, (length) => "select 1;".repeat(length / 9)],
  ])("%s", async (_what, verdict, textOf) => {
    expect(textOf(MEGABYTES).length).toBeGreaterThan(MEGABYTES - 10);
    const { ratio, figures } = await growthOf(
      (text: string) => expect(leavesNothing(text)).toBe(verdict),
      textOf,
      MEGABYTES,
    );
    expect(ratio, figures).toBeLessThan(MOST_GROWTH);
  });

  test("as deep as people nest", () => {
    const nested = (depth: number) => `select ${"(".repeat(depth)}1${")".repeat(depth)}`;
    expect([100, 400, 5_000].map((depth) => leavesNothing(nested(depth)))).toEqual([true, true, false]);
  });
});

describe("verdicts are remembered", () => {
  test("and are the same the second time", () => {
    const effects = new SessionEffects(new Set(["harmless"]));
    for (const _time of [1, 2]) {
      expect(effects.leavesNothing("select harmless('x')")).toBe(true);
      expect(effects.leavesNothing("select become('x')")).toBe(false);
    }
  });

  test("of what names mean as well, for texts that leave nothing and for those that do", () => {
    const effects = new SessionEffects();
    const texts = [
      "select 1",
      "select 1; select 2",
      "set local role r",
      "set search_path to a",
      "listen c",
      "",
    ];
    const verdicts = texts.map((text) => meaningChangedBy(text, leavesNothing(text)));
    expect(new Set(verdicts)).toEqual(new Set(["nothing", "transaction", "session"]));
    for (const _time of [1, 2]) expect(texts.map((text) => effects.meaningChangedBy(text))).toEqual(verdicts);
  });

  test("of many texts, of long ones, and of more than are kept", () => {
    const effects = new SessionEffects();
    const padding = "x".repeat(15_000);
    for (let n = 0; n < 5_000; n++) {
      const long = n % 10 === 0 ? `/* ${padding} */` : "";
      expect(effects.leavesNothing(`select ${n} ${long}`)).toBe(true);
      expect(effects.leavesNothing(`set x.y = ${n} ${long}`)).toBe(false);
    }
    expect(effects.leavesNothing(`set x.y = 0 /* ${padding}${padding} */`)).toBe(false);
  });
});
