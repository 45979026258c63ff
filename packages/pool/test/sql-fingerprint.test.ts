import { growthOf, MOST_GROWTH } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import { normalizeSql, sqlFingerprint } from "../src/telemetry/sql-fingerprint.ts";

describe("a statement without its values", () => {
  test.each([
    ["parameters", "select * from t where a = $1 and b = $2", "select * from t where a = ? and b = ?"],
    ["numbers", "select 1, -2.5e3, .5, 0x1F, 1_000 from t2", "select ?, -? from t2"],
    ["strings", "select 'it''s' from t where a = 'x -- y'", "select ? from t where a = ?"],
    ["a backslash that escapes nothing", String.raw`select 'a\' from t -- '`, "select ? from t"],
    ["escape strings", String.raw`select E'it\'s', e'\\' from t`, "select ? from t"],
    ["other strings", "select B'01', x'ff', N'n', U&'d' from t", "select ? from t"],
    ["dollar quotes", "do $$ begin perform 'secret'; end $$", "do ?"],
    ["tagged dollar quotes", "select $a$ $$ 'secret' $b$ $a$, 1", "select ?"],
    ["a string without its end", "select * from t where a = 'secret", "select * from t where a = ?"],
    ["a dollar quote without its end", "select $x$ secret $y$", "select ?"],
    ["identifiers with digits and dollars", "select a1, b$2 from t3", "select a1, b$2 from t3"],
    ["quoted identifiers", `SELECT "It's 1" FROM "T""2"`, `select "It's 1" from "T""2"`],
    ["line comments", "select 1 -- secret\nfrom t", "select ? from t"],
    ["nested comments", "select /* a /* secret */ b */ 1 from t", "select ? from t"],
    ["a comment without its end", "select 1 /* secret", "select ?"],
    ["space", "  select\n\t1 ,\n 2  ", "select ?"],
    ["lists", "select * from t where a in ($1, $2, $3)", "select * from t where a in (?)"],
    [
      "rows",
      "insert into t values ($1, default, $2), ($3, default, $4)",
      "insert into t values (?, default, ?)",
    ],
    ["casts", "select '{}'::jsonb, $1::int", "select ?::jsonb, ?::int"],
  ])("%s", (_what, text, normalized) => {
    expect(normalizeSql(text)).toBe(normalized);
  });

  test("takes no longer for a text of megabytes", async () => {
    const textOf = (length: number) => `insert into t values ${"($1, 'a'), ".repeat(length / 11)}($1, 'a')`;
    const { ratio, figures } = await growthOf(
      (text: string) => expect(normalizeSql(text).length).toBeLessThan(20_000),
      textOf,
      2_200_000,
    );
    expect(ratio, figures).toBeLessThan(MOST_GROWTH);
  });
});

test("a fingerprint is the same whatever the values, and another for another statement", () => {
  const of = (text: string) => sqlFingerprint(normalizeSql(text));
  expect(of("select * from t where a = 1")).toBe(of("SELECT *\nFROM t WHERE a = $1"));
  expect(of("select * from t where a = 1")).toMatch(/^[0-9a-f]{16}$/);
  expect(of("select * from t where a = 1")).not.toBe(of("select * from t where b = 1"));
});
