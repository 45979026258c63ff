import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle.ts";
import { redactError } from "../src/errors/redact.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
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
