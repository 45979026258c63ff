import { asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { mapQuery } from "../src/drizzle/mapped-query.ts";
import { makePrepareFor } from "../src/drizzle/prepare-for.ts";
import { SingleClientPool } from "../src/single-client/single-client-pool.ts";
import { useDatabase } from "./support/pools.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const schema = { notes };
const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const tenant = sql<string>`current_setting('app.tenant_id', true)`;

beforeAll(async () => {
  await database.pool().query("create table notes (id int primary key, body text not null)");
});
beforeEach(async () => {
  await database.pool().query("truncate notes; insert into notes values (1, 'first')");
});

function over(options: PoolOptions = {}) {
  const pool = database.pool({ max: 3, ...options });
  return { pool, ...drizzleOverPool(() => pool, schema) };
}

/** The rollback's one client, which sends one statement after the other. */
function overSingleClient() {
  const pool = database.keep(new SingleClientPool(database.options()));
  return { pool, ...drizzleOverPool(() => pool, schema) };
}

describe.each([
  ["the pool", over],
  ["the single client", overSingleClient],
])("a batch over %s", (_what, make) => {
  test("takes every kind of query, and returns what each returns alone", async () => {
    const { db, scoped } = make();
    for (const handle of [db, scoped(ACME)]) {
      const results = await handle.batch([
        handle.select().from(notes),
        handle.insert(notes).values({ id: 2, body: "second" }).returning({ id: notes.id }),
        handle.query.notes.findMany({ columns: { id: true } }),
        handle.update(notes).set({ body: "changed" }).where(eq(notes.id, 1)),
        handle.execute<{ n: number }>(sql`select count(*)::int as n from notes where body = ${"changed"}`),
        handle.delete(notes).where(eq(notes.id, 2)),
        handle.select({ tenant }).from(notes).orderBy(asc(notes.id)),
      ]);
      const [selected, inserted, found, updated, counted, deleted, tenants] = results;
      expectTypeOf(selected).toEqualTypeOf<{ id: number; body: string }[]>();
      expectTypeOf(inserted).toEqualTypeOf<{ id: number }[]>();
      expectTypeOf(found).toEqualTypeOf<{ id: number }[]>();
      expectTypeOf(counted.rows).toEqualTypeOf<{ n: number }[]>();
      expect(selected).toHaveLength(1);
      expect(inserted).toEqual([{ id: 2 }]);
      expect(found).toHaveLength(2);
      expect([updated.rowCount, deleted.rowCount]).toEqual([1, 1]);
      expect(counted.rows).toEqual([{ n: 1 }]);
      expect(tenants).toEqual([{ tenant: handle === db ? expect.toBeOneOf([null, ""]) : "acme" }]);
    }
  });

  test("takes a query whose result is made into something else", async () => {
    const { db } = make();
    const count = mapQuery(db.select().from(notes), (rows) => rows.length);
    const [counted, [row]] = await db.batch([count, db.select().from(notes)]);
    expectTypeOf(counted).toEqualTypeOf<number>();
    expect([counted, row]).toEqual([1, { id: 1, body: "first" }]);
    expect(await count).toBe(1);
  });

  test("takes a list that was made, and none", async () => {
    const { db } = make();
    const ids = Array.from({ length: 100 }, (_, n) => n + 2);
    const results = await db.batch(ids.map((id) => db.insert(notes).values({ id, body: "new" }).returning()));
    expect(results.map(([row]) => row?.id)).toEqual(ids);
    expect(await db.batch([])).toEqual([]);
  });

  test("says which query has failed, in our error and not in Drizzle's, and keeps nothing", async () => {
    const { db } = make();
    const failed = db.batch([
      db.insert(notes).values({ id: 2, body: "x" }),
      db.insert(notes).values({ id: 1, body: "twice" }),
      db.select().from(notes),
    ]);
    await expect(failed).rejects.toMatchObject({ code: "BATCH", index: 1, cause: { code: "23505" } });
    expect(await db.$count(notes)).toBe(1);
  });

  test.each([
    ["of another scope", ({ scoped }: ReturnType<typeof over>) => scoped({ "app.tenant_id": "other" })],
    ["of no scope", ({ db }: ReturnType<typeof over>) => db],
  ])("refuses a query %s, and sends nothing", async (_what, other) => {
    const made = make() as ReturnType<typeof over>;
    const acme = made.scoped(ACME);
    const refused = acme.batch([
      acme.insert(notes).values({ id: 2, body: "x" }),
      other(made).select().from(notes),
    ]);
    await expect(refused).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
    expect(made.pool.totalCount).toBe(0);
  });

  test("takes a query of another handle of the same scope", async () => {
    const { scoped } = make();
    const [[row]] = await scoped(ACME).batch([
      scoped({ ...ACME })
        .select({ tenant })
        .from(notes),
    ]);
    expect(row).toEqual({ tenant: "acme" });
  });

  test.each([
    "call nothing()",
    "do $$ begin end $$",
    "commit",
    "vacuum",
    "copy notes to stdout",
    "select 1; commit",
    "listen x",
  ])("refuses %s, and sends nothing", async (statement) => {
    const { pool, scoped } = make();
    const acme = scoped(ACME);
    const refused = acme.batch([
      acme.insert(notes).values({ id: 2, body: "x" }),
      acme.execute(sql.raw(statement)),
    ]);
    await expect(refused).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
    expect(pool.totalCount).toBe(0);
  });

  test("refuses more than memory is to hold, and sends nothing", async () => {
    const { pool, db } = make();
    const insert = db.insert(notes).values({ id: 2, body: "x" });
    await expect(db.batch(new Array(10_001).fill(insert))).rejects.toMatchObject({ code: "BATCH_TOO_LARGE" });
    const long = db.insert(notes).values({ id: 2, body: "x".repeat(33_000_000) });
    await expect(db.batch([long, long])).rejects.toMatchObject({ code: "BATCH_TOO_LARGE" });
    expect(pool.totalCount).toBe(0);
  });

  test("with a value that cannot be written says which query's, and sends nothing", async () => {
    const { pool, db } = make();
    const unwritable = {
      toPostgres: () => {
        throw new TypeError("not mine to write");
      },
    };
    const refused = db.batch([db.select().from(notes), db.execute(sql`select ${sql.param(unwritable)}`)]);
    await expect(refused).rejects.toMatchObject({ code: "BATCH", index: 1, cause: expect.any(TypeError) });
    expect(pool.totalCount).toBe(0);
  });

  test("has the isolation level and access mode it asks for", async () => {
    const { db, scoped } = make();
    const what = sql`select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as read_only, ${tenant} as tenant`;
    const options = { isolationLevel: "repeatable read", accessMode: "read only" } as const;
    const acme = scoped(ACME);
    const [{ rows }] = await acme.batch([acme.execute(what)], options);
    expect(rows).toEqual([{ level: "repeatable read", read_only: "on", tenant: "acme" }]);
    const writing = db.batch([db.select().from(notes), db.delete(notes)], options);
    await expect(writing).rejects.toMatchObject({ code: "BATCH", index: 1, cause: { code: "25006" } });
    await expect(db.batch([db.select().from(notes)], { isolationLevel: "x" as never })).rejects.toMatchObject(
      {
        code: "TRANSACTION_OPTIONS",
      },
    );
    expect(await db.$count(notes)).toBe(1);
  });
});

describe.each([
  ["the pool", over],
  ["the single client", overSingleClient],
])("a batch of queries that stand alone, over %s", (_what, make) => {
  const APART = { atomic: false } as const;

  test("takes every kind of query, and returns what becomes of each alone", async () => {
    const { db, scoped } = make();
    const one = makePrepareFor(schema)((on) =>
      on
        .select()
        .from(notes)
        .where(eq(notes.id, sql.placeholder("id"))),
    );
    for (const handle of [db, scoped(ACME)]) {
      const twice = handle.insert(notes).values({ id: 1, body: "twice" });
      const results = await handle.batch(
        [
          handle.select().from(notes),
          handle.insert(notes).values({ id: 2, body: "second" }).returning({ id: notes.id }),
          twice,
          handle.query.notes.findMany({ columns: { id: true } }),
          handle.execute<{ n: number }>(sql`select count(*)::int as n, ${tenant} as tenant from notes`),
          one(handle, { id: 2 }),
          mapQuery(handle.delete(notes).where(eq(notes.id, 2)).returning(), (rows) => rows.length),
        ],
        APART,
      );
      const [selected, inserted, , , counted, , deleted] = results;
      expectTypeOf(selected).toEqualTypeOf<PromiseSettledResult<{ id: number; body: string }[]>>();
      expectTypeOf(inserted).toEqualTypeOf<PromiseSettledResult<{ id: number }[]>>();
      expectTypeOf(deleted).toEqualTypeOf<PromiseSettledResult<number>>();
      expect(counted).toMatchObject({
        value: { rows: [{ n: 2, tenant: handle === db ? expect.toBeOneOf([null, ""]) : "acme" }] },
      });
      const alone = await Promise.resolve(handle.insert(notes).values({ id: 1, body: "twice" })).catch(
        (error: unknown) => error,
      );
      const [failed] = results.filter(({ status }) => status === "rejected");
      expect(failed).toMatchObject({ reason: { cause: { code: "23505" } } });
      expect(String(Reflect.get(failed ?? {}, "reason"))).toBe(String(alone));
      expect(results.map((each) => (each.status === "fulfilled" ? each.value : each.status))).toEqual([
        [{ id: 1, body: "first" }],
        [{ id: 2 }],
        "rejected",
        [{ id: 1 }, { id: 2 }],
        expect.anything(),
        [{ id: 2, body: "second" }],
        1,
      ]);
    }
  });

  test("refuses another scope's query and what it cannot do, and sends nothing", async () => {
    const { pool, db, scoped } = make();
    const acme = scoped(ACME);
    const misplaced = { code: "MISPLACED_STATEMENT" };
    const insert = acme.insert(notes).values({ id: 2, body: "x" });
    await expect(acme.batch([insert, db.select().from(notes)], APART)).rejects.toMatchObject(misplaced);
    await expect(acme.batch([insert, acme.execute(sql`commit`)], APART)).rejects.toMatchObject(misplaced);
    const impossible = { atomic: false, accessMode: "read only" } as const;
    // @ts-expect-error there is no transaction that could be read only
    await expect(acme.batch([insert], impossible)).rejects.toMatchObject({ code: "TRANSACTION_OPTIONS" });
    expect(await db.batch([], APART)).toEqual([]);
    expect(pool.totalCount).toBe(0);
  });

  test("is refused in a transaction, which goes on", async () => {
    const { db } = make();
    await db.transaction(async (tx) => {
      const insert = () => tx.insert(notes).values({ id: 2, body: "x" });
      // @ts-expect-error it is a part of its transaction
      await expect(tx.batch([insert()], APART)).rejects.toMatchObject({ code: "TRANSACTION_OPTIONS" });
      await tx.transaction(async (nested) => {
        // @ts-expect-error as is one in a savepoint
        await expect(nested.batch([insert()], APART)).rejects.toMatchObject({ code: "TRANSACTION_OPTIONS" });
      });
      expect(await tx.$count(notes)).toBe(1);
    });
  });
});

describe.each([
  ["the pool", over],
  ["the single client", overSingleClient],
])("a transaction's batch over %s", (_what, make) => {
  test("returns what each query returns alone, sees what the transaction has written, and is kept with it", async () => {
    const { scoped } = make();
    const acme = scoped(ACME);
    const inside = await acme.transaction(async (tx) => {
      const [selected, [inserted]] = await tx.batch([
        tx.select({ id: notes.id, tenant }).from(notes),
        tx.insert(notes).values({ id: 2, body: "second" }).returning(),
      ]);
      expectTypeOf(selected).toEqualTypeOf<{ id: number; tenant: string }[]>();
      expect(selected).toEqual([{ id: 1, tenant: "acme" }]);
      expect(inserted).toEqual({ id: 2, body: "second" });
      expect(await tx.batch([])).toEqual([]);
      const before = tx.insert(notes).values({ id: 3, body: "third" }).execute();
      const [found, { rows }] = await tx.batch([
        tx.query.notes.findMany({ columns: { id: true } }),
        tx.execute<{ tenant: string }>(sql`select ${tenant} as tenant`),
      ]);
      await before;
      expect(rows).toEqual([{ tenant: "acme" }]);
      return found;
    });
    expect(inside).toHaveLength(3);
    expect(await acme.$count(notes)).toBe(3);
  });

  test("that fails says which query it was, and nothing of the transaction is kept", async () => {
    const { db } = make();
    const failed = db.transaction(async (tx) => {
      await tx.insert(notes).values({ id: 2, body: "x" });
      await tx.batch([tx.select().from(notes), tx.insert(notes).values({ id: 1, body: "twice" })]);
    });
    await expect(failed).rejects.toMatchObject({ code: "BATCH", index: 1, cause: { code: "23505" } });
    expect(await db.$count(notes)).toBe(1);
  });

  test("that fails within a savepoint leaves what came before it", async () => {
    const { db } = make();
    await db.transaction(async (tx) => {
      await tx.batch([tx.insert(notes).values({ id: 2, body: "stays" })]);
      const nested = tx.transaction(async (inner) => {
        const again = () => inner.insert(notes).values({ id: 3, body: "goes" });
        await tx.batch([again(), again()]);
      });
      await expect(nested).rejects.toMatchObject({ code: "BATCH", index: 1 });
    });
    expect(await db.$count(notes)).toBe(2);
  });

  test("refuses what cannot stay in it, and a query of its database or of another transaction", async () => {
    const { db } = make();
    const refused = { code: "MISPLACED_STATEMENT" };
    await db.transaction(async (tx) => {
      await expect(tx.batch([tx.execute(sql.raw("commit"))])).rejects.toMatchObject(refused);
      await expect(tx.batch([db.select().from(notes)])).rejects.toMatchObject(refused);
    });
  });

  test("is refused once the transaction is over", async () => {
    const { db } = make();
    const left = await db.transaction(async (tx) => ({ tx }));
    const late = left.tx.batch([left.tx.select().from(notes)]);
    await expect(late).rejects.toMatchObject({ code: "TRANSACTION_OVER" });
  });
});

test("a transaction's batch waits for what was given before, also where that has to be sent again", async () => {
  const { pool, scoped } = over({ max: 1 });
  const observer = await database.observer();
  const read = sql`select * from notes where id > ${0}`;
  for (let times = 0; times < 3; times++) await scoped(ACME).transaction((tx) => tx.execute(read));
  await observer.query("alter table notes add column extra int");
  try {
    await scoped(ACME).transaction(async (tx) => {
      const first = tx.execute(read).then(({ rows }) => rows);
      const written = tx.batch([tx.insert(notes).values({ id: 2, body: "second" })]);
      expect(await first).toEqual([{ id: 1, body: "first", extra: null }]);
      await written;
    });
    expect((await pool.query("select from notes")).rowCount).toBe(2);
  } finally {
    await observer.query("alter table notes drop column extra");
  }
});

test("a transaction's batch refuses another transaction's query", async () => {
  const { db } = over();
  await db.transaction(async (one) => {
    await db.transaction(async (other) => {
      const refused = one.batch([other.select().from(notes)]);
      await expect(refused).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
    });
  });
});

test("a batch in a transaction's time refuses that transaction's queries", async () => {
  const { db } = over();
  await db.transaction(async (tx) => {
    const refused = db.batch([tx.insert(notes).values({ id: 2, body: "x" })]);
    await expect(refused).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
  });
  expect(await db.$count(notes)).toBe(1);
});

test("a batch tells of a query of another database's handle", async () => {
  const { pool, db } = over();
  const plain = drizzle({ client: pool });
  await expect(db.batch([plain.select().from(notes)])).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
});

test("a query that cannot be built fails its batch with its own error, and sends nothing", async () => {
  const { pool, db } = over();
  const boom = new Error("boom");
  const unbuildable = sql`${sql.param(1, {
    mapToDriverValue: () => {
      throw boom;
    },
  })}`;
  const build = async () =>
    await db.batch([
      db.insert(notes).values({ id: 2, body: "x" }),
      db.select().from(notes).where(unbuildable),
    ]);
  await expect(build()).rejects.toBe(boom);
  expect(pool.totalCount).toBe(0);
});
