import { statementError } from "@openhouse/tooling/faults/statement-error";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { classifyError } from "../../src/errors/classify.ts";
import { isStatementError } from "../../src/errors/server-answer.ts";
import { backendPid, settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();

const raise = (sqlstate: string) =>
  `do $$ begin raise exception 'made for the test' using errcode = '${sqlstate}'; end $$`;

describe("severity ERROR and ReadyForQuery with status I keep the connection", () => {
  test("400 unique violations: 0 new backends", async () => {
    expect(await statementError(database.ours())).toMatchObject({ violations: 400, newBackends: 0 });
  });

  test.each([
    ["bad input", "select 'five'::int", "22P02"],
    ["an unknown table", "select * from nowhere", "42P01"],
    ["a syntax error", "selec 1", "42601"],
    ["a failure in the middle of several statements", "select 1; select 1/0; select 2", "22012"],
    ["a statement timeout of the server", "set local statement_timeout = 20; select pg_sleep(5)", "57014"],
    ["a serialization failure", raise("40001"), "40001"],
    ["an error of a function", raise("P0001"), "P0001"],
  ])("%s", async (_what, statement, code) => {
    const pool = database.pool({ max: 1 });
    const before = await backendPid(pool);
    await expect(pool.query(statement)).rejects.toMatchObject({ code });
    expect(await backendPid(pool)).toBe(before);
  });
});

test.each<[string, pg.QueryConfig]>([
  ["fewer parameters than the statement has", { text: "select $1::int, $2::int", values: [1] }],
  ["more parameters", { text: "select $1::int", values: [1, 2] }],
  ["a zero byte in the text", { text: "select 1\0" }],
  ["a zero byte in a text with parameters", { text: "select $1::int\0", values: [1] }],
  ["a zero byte in a name", { name: "a\0b", text: "select $1::int", values: [1] }],
])("%s is its sender's mistake, and costs no connection", async (_what, statement) => {
  const pool = database.pool({ max: 1 });
  const before = await backendPid(pool);
  const error = await pool.query(statement).catch((caught: unknown) => caught);
  expect(classifyError(error)).toEqual({
    kind: "data",
    sqlstate: "08P01",
    retry: "never",
    unavailable: false,
  });
  expect(await backendPid(pool)).toBe(before);
  const inGerman = Object.assign(error as pg.DatabaseError, { severity: "FEHLER" });
  expect(isStatementError(inGerman)).toBe(true);
});

describe("what speaks against a connection destroys it", () => {
  const replaced = async (statement: string, error: object | undefined) => {
    const pool = database.pool({ max: 1 });
    const before = await backendPid(pool);
    const outcome: pg.QueryResult | Error = await pool.query(statement).catch((caught) => caught);
    if (error !== undefined) expect(outcome).toMatchObject(error);
    expect(await backendPid(pool)).not.toBe(before);
    await settled(pool);
    expect(pool.getStats()).toMatchObject({ totalCount: 1, idleCount: 1 });
  };

  test.each([
    "08006",
    "08P01",
    "53100",
    "53200",
    "57P01",
    "57P03",
    "58000",
    "58030",
    "XX000",
    "XX001",
    "25006",
  ])("SQLSTATE %s, although its severity is ERROR", (code) =>
    replaced(raise(code), { severity: "ERROR", code }),
  );

  test("FATAL, whatever its SQLSTATE", () =>
    replaced("begin; set local transaction_timeout = 20; select pg_sleep(5)", {
      severity: "FATAL",
      code: "25P04",
    }));

  test("status T: a transaction that was left open", () => replaced("begin", undefined));

  test("status E: a transaction that was left open and has failed", () =>
    replaced("begin; select 1/0", { severity: "ERROR", code: "22012" }));
});
