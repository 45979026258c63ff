import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle.ts";
import { redactError } from "../src/errors/redact.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const SECRET = "SECRETPIN";
const VALUE = 'he said "my PIN is 1234" to «me», „twice“';

test("no part of a value with quotation marks is in the dump of a statement that failed for it", async () => {
  const { db } = drizzleOverPool(() => database.pool(), {});
  const error: unknown = await db.execute(sql`select ${VALUE}::int`).catch((caught: unknown) => caught);
  const dump = inspect(error, { depth: 6 });
  expect(dump).toContain('invalid input syntax for type integer: "…"');
  for (const part of ["he said", "PIN", "me", "twice"].map((word) => new RegExp(`\\b${word}\\b`)))
    expect(dump.replaceAll(/^ +at .*$/gm, "")).not.toMatch(part);
});

test("the name of an encoding is no value, and stays", async () => {
  const failed = database.pool().query("select $1::text", ["a\0b"]);
  await expect(failed).rejects.toThrow('invalid byte sequence for encoding "UTF8": 0x00');
});

// Texts of PostgreSQL's translations (src/backend/po).
test.each([
  `ungültige Eingabesyntax für Typ integer: »${VALUE}«`,
  `syntaxe en entrée invalide pour le type integer : « ${VALUE} »`,
  `la sintaxis de entrada no es válida para tipo integer: «${VALUE}»`,
  `"integer"型の入力構文が不正です: "${VALUE}"`,
  `неверный синтаксис для типа integer: "${VALUE}"`,
  `nieprawidłowa składnia wejścia dla typu integer: „${VALUE}”`,
])("a value is hidden in any language: %s", (message) => {
  const error = Object.assign(new Error(message), { code: "22P02" });
  redactError(error);
  expect(`${error.message} ${error.stack}`).not.toMatch(/PIN|he said|twice/);
  expect(error.message).toContain("…");
});

const MARKED = fc
  .array(fc.constantFrom('"', "'", "«", "»", "„", "“", " ", "\n", "\\", "$1", "$&", "%", "a", "é"), {
    maxLength: 12,
  })
  .chain((parts) =>
    fc.nat(parts.length).map((at) => ["my ", ...parts.slice(0, at), SECRET, ...parts.slice(at)].join("")),
  );

/** What makes Postgres speak of a value: one of each class of errors that do, and of each way to hand the value over. */
const TELLING: Record<
  string,
  (value: string) => { text: string; values?: unknown[]; sqlstate: string | RegExp }
> = {
  ...Object.fromEntries(
    ["int", "uuid", "date", "json", "inet", "bool", "interval", "int[]", "redact_mood"].map((type) => [
      `a parameter that is no ${type}`,
      (value: string) => ({ text: `select $1::text::${type}`, values: [value], sqlstate: /^22|^42804/ }),
    ]),
  ),
  "a format that is none": (value) => ({
    text: "select to_date($1, 'YYYY')",
    values: [value],
    sqlstate: /^22/,
  }),
  "a row twice": (value) => ({
    text: "insert into redact_rows values ($1), ($1)",
    values: [value],
    sqlstate: "23505",
  }),
  "a row that a check refuses": (value) => ({
    text: "insert into redact_checked values ($1)",
    values: [value],
    sqlstate: "23514",
  }),
  "a row that refers to none": (value) => ({
    text: "insert into redact_referring values ($1)",
    values: [value],
    sqlstate: "23503",
  }),
  "a table of that name": (value) => ({
    text: `select from ${pg.escapeIdentifier(value)}`,
    sqlstate: "42P01",
  }),
  "a column of that name": (value) => ({ text: `select ${pg.escapeIdentifier(value)}`, sqlstate: "42703" }),
  "a column of a table, of that name": (value) => ({
    text: `select redact_rows.${pg.escapeIdentifier(value)} from redact_rows`,
    sqlstate: "42703",
  }),
  "a text that does not end": (value) => ({
    text: `select '${value.replaceAll("'", "''")}`,
    sqlstate: "42601",
  }),
  "a function's own error": (value) => ({
    text: "select redact_raise($1, 'P0001')",
    values: [value],
    sqlstate: "P0001",
  }),
  "a function's error under another's code": (value) => ({
    text: "select redact_raise($1, '23514')",
    values: [value],
    sqlstate: "23514",
  }),
};

beforeAll(async () => {
  await database.pool().query(`
    create type redact_mood as enum ('calm');
    create table redact_rows (value text primary key);
    create table redact_checked (value text check (value = ''));
    create table redact_referring (value text references redact_rows);
    create function redact_raise(value text, state text) returns void language plpgsql as $$
      begin raise exception 'not %, as we said', value using errcode = state, hint = value, detail = value; end $$`);
});

test.for(Object.keys(TELLING))("no dump shows a value, whatever is in it: %s", async (how) => {
  const pool = database.pool();
  await fc.assert(
    fc.asyncProperty(MARKED, async (value) => {
      const { text, values = [], sqlstate } = TELLING[how]?.(value) ?? { text: "", sqlstate: "" };
      const error: unknown = await pool.query(text, values).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: expect.stringMatching(sqlstate) });
      expect(`${inspect(error, { depth: 6 })}${JSON.stringify(error)}`).not.toContain(SECRET);
    }),
    { numRuns: 30 },
  );
});

test("names stay, so that a wrong statement can be put right", async () => {
  const pool = database.pool();
  await pool.query("create table redact_named (id int)");
  const messageOf = (text: string) =>
    pool.query(text).catch((error: Error) => `${error.message} ${inspect(error)}`);
  expect(await messageOf("select from no_such_table")).toContain('relation "no_such_table" does not exist');
  expect(await messageOf("insert into redact_named (no_such) values (1)")).toContain(
    'column "no_such" of relation "redact_named" does not exist',
  );
  expect(await messageOf("select redact_named.nothing from redact_named")).toContain(
    "column redact_named.nothing does not exist",
  );
  expect(await messageOf("selekt 1")).toContain('syntax error at or near "selekt"');
});

test("whoever asks for what a function has raised gets it", async () => {
  const pool = database.pool();
  await pool.query(
    "create function redact_say() returns void language plpgsql as $$ begin raise 'sold out' using hint = 'wait'; end $$",
  );
  const error: unknown = await pool.query("select redact_say()").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: "sold out", hint: "wait" });
  expect(inspect(error)).not.toMatch(/sold out|wait/);
});
