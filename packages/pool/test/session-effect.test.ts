import { describe, expect, test } from "vitest";
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
  const rows = Array.from({ length: 13_000 }, (_, row) => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((n) => `$${row * 5 + n}`);
    return `(${a}, ${b}, ${c}::jsonb, default, ${d}, lower(${e}), '${"x".repeat(150)}')`;
  });
  test.each<[string, boolean, string]>([
    ["rows with 65,000 parameters", true, `insert into t values ${rows.join(", ")}`],
    ["a literal", true, `insert into t values ('${"x".repeat(MEGABYTES)}')`],
    ["quotes in a literal", true, `insert into t values ('${"''".repeat(MEGABYTES / 2)}')`],
    ["dollar quotes", true, `insert into t values ($a$${"$b$".repeat(MEGABYTES / 3)}$a$)`],
    ["comments in comments", true, `${"/*".repeat(MEGABYTES / 4)}${"*/".repeat(MEGABYTES / 4)} select 1`],
    ["comments without an end", false, `select 1 ${"/*".repeat(MEGABYTES / 2)}`],
    ["dollars without an end", false, `select $x$${"$a$".repeat(MEGABYTES / 3)}`],
    ["parentheses in parentheses", false, `select ${"(".repeat(MEGABYTES / 2)}1${")".repeat(MEGABYTES / 2)}`],
    ["calls in calls", false, `select ${"lower(".repeat(MEGABYTES / 7)}a${")".repeat(MEGABYTES / 7)}`],
    ["columns of a function", true, `select ${"x.c, ".repeat(MEGABYTES / 5)} 1 from unnest(a) as x (c)`],
    ["operators", true, `select 1 ${"+".repeat(MEGABYTES)} 1`],
    ["a word", true, `select ${"a".repeat(MEGABYTES)}`],
    ["statements", true, "select 1;".repeat(MEGABYTES / 9)],
  ])("%s", (_what, verdict, text) => {
    expect(text.length).toBeGreaterThan(MEGABYTES - 10);
    const before = process.cpuUsage();
    expect(leavesNothing(text)).toBe(verdict);
    const { user } = process.cpuUsage(before);
    // Linear work is done in a tenth of that, cold too; what goes back over the text takes minutes.
    expect(user / 1000).toBeLessThan(2_000);
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
