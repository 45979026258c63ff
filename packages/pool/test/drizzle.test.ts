import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeAll, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { CommitUnknownError, TransactionAbortedError, TransactionOverError } from "../src/errors/errors.ts";
import type { Pool } from "../src/pool.ts";
import { backendPid, useDatabase } from "./support/pools.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const schema = { notes };
const database = useDatabase();
const over = (pool: Pool) => drizzleOverPool(() => pool, schema);

beforeAll(async () => {
  const pool = database.pool();
  await pool.query("create table notes (id int primary key, body text not null)");
});

async function bodies(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ body: string }>("select body from notes order by id");
  return rows.map(({ body }) => body);
}

describe("a transaction", () => {
  test("runs on one connection and keeps its work", async () => {
    const pool = database.pool();
    const { db } = over(pool);
    const pids = await db.transaction(async (tx) => {
      await tx.insert(notes).values({ id: 1, body: "kept" });
      const both = await Promise.all(
        [1, 2].map(() => tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)),
      );
      return both.map(({ rows }) => rows[0]?.pid);
    });
    expect(new Set(pids).size).toBe(1);
    expect(await bodies(pool)).toEqual(["kept"]);
  });

  test("that throws keeps nothing, and its error arrives as it was", async () => {
    const pool = database.pool();
    const boom = new Error("boom");
    const failed = over(pool).db.transaction(async (tx) => {
      await tx.insert(notes).values({ id: 2, body: "lost" });
      throw boom;
    });
    await expect(failed).rejects.toBe(boom);
    expect(await bodies(pool)).toEqual(["kept"]);
  });

  test("whose BEGIN fails gives its slot back", async () => {
    const { pool, proxy } = await database.proxied({ max: 1, connectionTimeoutMillis: 2_000 });
    const { db } = over(pool);
    for (let i = 0; i < 5; i++) {
      proxy.cutBefore("begin");
      await expect(db.transaction((tx) => tx.execute(sql`select 1`))).rejects.toThrow();
    }
    expect(await db.transaction(async () => "served")).toBe("served");
  });

  test("whose connection is lost reports the application's error, not the rollback's", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    const boom = new Error("boom");
    const failed = over(pool).db.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      proxy.cut();
      throw boom;
    });
    await expect(failed).rejects.toBe(boom);
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("whose COMMIT loses its answer says that the outcome is unknown", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    const failed = over(pool).db.transaction(async (tx) => {
      await tx.insert(notes).values({ id: 3, body: "who knows" });
      proxy.cutAfter("commit");
    });
    await expect(failed).rejects.toBeInstanceOf(CommitUnknownError);
    await pool.query("delete from notes where id = 3");
  });

  test("in which a failed statement was swallowed does not resolve as if it had kept its work", async () => {
    const pool = database.pool({ max: 1 });
    const pid = await backendPid(pool);
    const failed = over(pool).db.transaction(async (tx) => {
      await tx.insert(notes).values({ id: 4, body: "gone" });
      await tx
        .insert(notes)
        .values({ id: 4, body: "twice" })
        .catch(() => {});
    });
    await expect(failed).rejects.toBeInstanceOf(TransactionAbortedError);
    expect(await bodies(pool)).toEqual(["kept"]);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("cannot be used after its end", async () => {
    const pool = database.pool({ max: 1 });
    let escaped: Parameters<Parameters<ReturnType<typeof over>["db"]["transaction"]>[0]>[0] | undefined;
    await over(pool).db.transaction(async (tx) => {
      escaped = tx;
    });
    const late = escaped?.insert(notes).values({ id: 5, body: "late" });
    await expect(Promise.resolve(late)).rejects.toMatchObject({ cause: expect.any(TransactionOverError) });
    expect(await bodies(pool)).toEqual(["kept"]);
  });

  test("that violates a deferred constraint at COMMIT reports the violation, and keeps its connection", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query(
      "create table if not exists replies (note int references notes deferrable initially deferred)",
    );
    const pid = await backendPid(pool);
    const failed = over(pool).db.transaction((tx) => tx.execute(sql`insert into replies values (99)`));
    await expect(failed).rejects.toMatchObject({ cause: { code: "23503" } });
    expect(await backendPid(pool)).toBe(pid);
  });
});

test("`$client` is the pool, as with Drizzle's own drizzle(pool)", async () => {
  const pool = database.pool({ max: 1 });
  const { db } = drizzleOverPool(() => pool, {});
  expect(db.$client).toBe(pool);
  expect((await db.$client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

describe("a scope", () => {
  const setting = sql<string>`select current_setting('app.tenant_id', true) as tenant`;
  const tenantOf = (result: { rows: Record<string, unknown>[] }) => result.rows[0]?.tenant;

  test("holds in statements, relational queries and transactions, and nowhere else", async () => {
    const pool = database.pool({ max: 1 });
    const { db, scoped } = over(pool);
    const acme = scoped({ "app.tenant_id": "acme" });
    expect(tenantOf(await acme.execute(setting))).toBe("acme");
    const found = await acme.query.notes.findFirst({
      extras: { tenant: sql<string>`current_setting('app.tenant_id')`.as("tenant") },
    });
    expect(found?.tenant).toBe("acme");
    expect(await acme.transaction(async (tx) => tenantOf(await tx.execute(setting)))).toBe("acme");
    expect(tenantOf(await db.execute(setting)) || null).toBeNull();
  });

  test("is gone after a statement that failed", async () => {
    const pool = database.pool({ max: 1 });
    const { db, scoped } = over(pool);
    await expect(scoped({ "app.tenant_id": "acme" }).execute(sql`select 1/0`)).rejects.toThrow();
    expect(tenantOf(await db.execute(setting)) || null).toBeNull();
  });

  test("cannot be broken out of by what is in it", async () => {
    const { scoped } = over(database.pool());
    const hostile = "x', true); drop table notes; --";
    expect(tenantOf(await scoped({ "app.tenant_id": hostile }).execute(setting))).toBe(hostile);
  });
});

test("an error's dump shows neither parameters nor row values", async () => {
  const { db, scoped } = over(database.pool());
  for (const any of [db, scoped({ "app.tenant_id": "acme" })]) {
    const insert = () => any.insert(notes).values({ id: 1, body: "a-very-private-note" });
    const inTransaction = () =>
      any.transaction(async (tx) => tx.insert(notes).values({ id: 1, body: "a-very-private-note" }));
    for (const attempt of [insert, inTransaction]) {
      const error: unknown = await attempt().then(
        () => null,
        (caught) => caught,
      );
      expect(error).toMatchObject({ cause: { code: "23505" } });
      expect(inspect(error, { depth: 10 })).not.toContain("private");
      expect(JSON.stringify(error)).not.toContain("private");
      expect(String(error)).not.toContain("private");
    }
  }
});
