import { CHANGES, createNotes, staleStatement } from "@openhouse/tooling/faults/stale-statement";
import { sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeEach, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import type { Pool } from "../../src/pool.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const database = useDatabase();
const over = (pool: Pool) => drizzleOverPool(() => pool, { notes });
const FOUND = [{ id: 1, body: "kept" }];

beforeEach(() => createNotes(database.ours()));

describe.each(Object.keys(CHANGES) as (keyof typeof CHANGES)[])("after %s", (change) => {
  const fault = (pool: Pool) => CHANGES[change](database.ours(), pool);

  test("Drizzle's prepared query is prepared anew, on the connection that it has", async () => {
    const pool = database.pool({ max: 1 });
    const prepared = over(pool).db.select().from(notes).prepare("all_notes");
    expect(await prepared.execute()).toEqual(FOUND);
    const pid = await backendPid(pool);
    await fault(pool);
    for (let i = 0; i < 3; i++) expect(await prepared.execute()).toEqual(FOUND);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("a named statement of a raw client is prepared anew, on the connection that it has", async () => {
    expect(await staleStatement(database.ours(), change)).toEqual({ executions: "done", sameBackend: true });
  });

  test("a statement that writes writes once", async () => {
    const pool = database.pool({ max: 1 });
    const add = (id: number) => ({
      name: "add",
      text: "insert into notes values ($1, 'new') returning *",
      values: [id],
    });
    await pool.query(add(2));
    await fault(pool);
    expect((await pool.query(add(3))).rows).toEqual([{ id: 3, body: "new" }]);
    expect((await pool.query("select id from notes order by id")).rows).toEqual([
      { id: 1 },
      { id: 2 },
      { id: 3 },
    ]);
  });

  test("a prepared query in a scope works, as it is not in a transaction for its caller", async () => {
    const pool = database.pool({ max: 1 });
    const scoped = over(pool).scoped({ "app.tenant_id": "acme" });
    const prepared = scoped.select().from(notes).prepare("all_notes");
    expect(await prepared.execute()).toEqual(FOUND);
    await fault(pool);
    for (let i = 0; i < 2; i++) expect(await prepared.execute()).toEqual(FOUND);
  });
});

/** What the pool cannot hear of, as nobody says it on the connection. */
const UNHEARD = ["ALTER TABLE", "a trigger's DEALLOCATE ALL"] as const;

describe.each(UNHEARD)("after %s", (change) => {
  const fault = (pool: Pool) => CHANGES[change](database.ours(), pool);

  test("inside a Drizzle transaction the error passes, nothing is kept, and the next transaction works", async () => {
    const pool = database.pool({ max: 1 });
    const { db } = over(pool);
    const add = () =>
      db.transaction(async (tx) => {
        await tx.insert(notes).values({ id: 2, body: "new" });
        return await tx.select().from(notes).where(sql`id = 1`).prepare("first_note").execute();
      });
    await db.select().from(notes).where(sql`id = 1`).prepare("first_note").execute();
    await fault(pool);
    await expect(add()).rejects.toMatchObject({ cause: { code: expect.stringMatching(/^(0A000|26000)$/) } });
    expect((await pool.query("select id from notes")).rows).toEqual([{ id: 1 }]);
    expect(await add()).toEqual(FOUND);
  });

  test("inside a raw client's transaction the error passes, and the same client's next use works", async () => {
    const pool = database.pool({ max: 1 });
    const named = { name: "raw", text: "select * from notes" };
    await pool.query(named);
    await fault(pool);
    const client = await pool.connect();
    await client.query("begin");
    await expect(client.query(named)).rejects.toMatchObject({
      code: expect.stringMatching(/^(0A000|26000)$/),
    });
    await client.query("rollback");
    expect((await client.query(named)).rows).toEqual(FOUND);
    client.release();
    expect((await pool.query(named)).rows).toEqual(FOUND);
  });

  test("a transaction's first statement is prepared anew, as nothing was done in it yet", async () => {
    const pool = database.pool({ max: 1 });
    const first = () =>
      over(pool).db.transaction((tx) => tx.select().from(notes).prepare("all_notes").execute());
    expect(await first()).toEqual(FOUND);
    const pid = await backendPid(pool);
    await fault(pool);
    expect(await first()).toEqual(FOUND);
    expect(await backendPid(pool)).toBe(pid);
  });
});

test("a statement that fails as it is executed is not run again, whatever its error says", async () => {
  const pool = database.pool({ max: 1, safeFunctions: ["always_forgotten"] }); // or it would have no name
  const observer = await database.observer();
  const pid = await backendPid(pool);
  await observer.query("create sequence runs"); // counts across rollbacks
  await pool.query(`create function always_forgotten() returns int language plpgsql as $$
    begin perform nextval('runs'); raise 'gone' using errcode = '26000'; end $$`);
  const failed = pool.query({ name: "forgotten", text: "select always_forgotten()" });
  await expect(failed).rejects.toMatchObject({ code: "26000" });
  expect((await observer.query("select last_value::int as runs from runs")).rows).toEqual([{ runs: 1 }]);
  expect(await backendPid(pool)).toBe(pid);
});
