import type { EventEmitter } from "node:events";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Pool } from "../../src/pool.ts";
import { scoped } from "../../src/tenants.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

/** As Sentry follows a statement from version 11 on: by what pg's own `query` has returned, which ends once. */
const ends: string[] = [];
const original = pg.Client.prototype.query;
beforeEach(() => {
  ends.length = 0;
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const query: EventEmitter = Reflect.apply(original, this, given);
    query.on("end", () => ends.push("end"));
    query.on("error", ({ code }) => ends.push(code));
    return query;
  } as typeof original;
});
afterEach(() => {
  pg.Client.prototype.query = original;
});

const OVERLONG = { text: "select pg_sleep(60)", query_timeout: 50 };
const ACME = { "app.tenant_id": "acme" };
const CALLS: [what: string, call: (pool: Pool) => Promise<unknown>, end: string][] = [
  ["a statement", (pool) => pool.query("select $1::int", [1]), "end"],
  ["a refused statement", (pool) => pool.query("select 1/0"), "22012"],
  ["a refused scoped statement", (pool) => scoped(pool, ACME).query("select 1/0"), "22012"],
  ["a refused batch", (pool) => scoped(pool, ACME).batch(["select 1", "select 1/0"]), "22012"],
  ["a statement at its deadline", (pool) => pool.query(OVERLONG), "57014"],
];

test.each(CALLS)("who follows what pg returns of %s hears its end once", async (_, call, end) => {
  const pool = database.pool({ max: 1, pooler: "none" });
  const outcome = await call(pool).then(
    () => "resolved",
    () => "rejected",
  );
  expect(outcome).toBe(end === "end" ? "resolved" : "rejected");
  // The connection comes back once the server has said the last about the statement.
  await pool.query("select 'afterwards'");
  expect(ends).toEqual([end, "end"]);
});

test("a refused statement that nobody follows ends no process", async () => {
  pg.Client.prototype.query = original;
  await expect(database.pool().query("select 1/0")).rejects.toMatchObject({ code: "22012" });
});
