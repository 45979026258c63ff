import { sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { settingsFor } from "../../src/query/local-settings.ts";
import { ReplicaReads } from "../../src/replicas/replica-reads.ts";
import { settled, useDatabase } from "../support/pools.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const REFUSED = { code: "MISPLACED_STATEMENT", cause: { code: "25006" } };
const writes = sql<string>`renamed()`;

beforeAll(async () => {
  await database.pool().query(`
    create table notes (id int primary key, body text not null);
    create sequence numbers;
    insert into notes values (1, 'first');
    create function renamed() returns text language plpgsql as
      $$ begin update notes set body = 'second'; return 'done'; end $$;
    create function undone() returns text language plpgsql as
      $$ begin set local transaction_read_only = off; return renamed(); end $$`);
});

/** A pool without replicas, whose three connections are idle, and a handle that reads. */
async function reading() {
  const pool = database.pool({ max: 3 });
  await Promise.all(Array.from({ length: 3 }, () => pool.query("select pg_sleep(0.05)")));
  const retired: number[] = [];
  pool.events.on("retired", ({ generation }) => retired.push(generation));
  const { reading } = drizzleOverPool(() => pool, { notes });
  const isUntouched = async () => {
    await settled(pool);
    expect(pool.getStats()).toMatchObject({ totalCount: 3, idleCount: 3 });
    expect(retired).toEqual([]);
    expect((await pool.query("select body from notes")).rows).toEqual([{ body: "first" }]);
  };
  return { pool, db: reading(ACME, () => undefined), isUntouched };
}

type Handle = Awaited<ReturnType<typeof reading>>;

describe("a read that writes is refused by the primary, and says nothing of the server", () => {
  let handle: Handle;
  beforeEach(async () => {
    handle = await reading();
  });

  test.each<[string, (db: Handle["db"]) => Promise<unknown>, object]>([
    ["a function", (db) => db.select({ writes }).from(notes).execute(), REFUSED],
    ["a sequence", (db) => db.select({ it: sql`nextval('numbers')` }).from(notes).execute(), REFUSED],
    ["a lock of rows", (db) => db.select().from(notes).for("share").execute(), REFUSED],
    [
      "a function that would set the transaction back",
      (db) => db.select({ it: sql`undone()` }).from(notes).execute(),
      { code: "25001" },
    ],
  ])("%s", async (_what, read, cause) => {
    await expect(read(handle.db)).rejects.toMatchObject({ cause });
    await handle.isUntouched();
  });

  test("one of a batch, by its index", async () => {
    const { db, isUntouched } = handle;
    const batch = db.batch([db.select().from(notes), db.select({ writes }).from(notes)]);
    await expect(batch).rejects.toMatchObject({ code: "BATCH", index: 1, cause: REFUSED });
    await isUntouched();
  });

  test("one of several in a text", async () => {
    const { pool, isUntouched } = handle;
    const options = {
      replicas: () => undefined,
      primary: () => pool,
      settings: settingsFor(ACME),
      options: {},
    };
    const reads = new ReplicaReads(options);
    await expect(reads.query("select 1; update notes set body = 'third'")).rejects.toMatchObject(REFUSED);
    await isUntouched();
  });
});

test("a read is what it was, and so is the next write of its connection", async () => {
  const { pool, db } = await reading();
  expect(await db.select().from(notes)).toEqual([{ id: 1, body: "first" }]);
  for (let writes = 0; writes < 3; writes++) await pool.query("update notes set body = body");
});
