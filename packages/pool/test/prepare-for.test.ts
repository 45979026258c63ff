import { asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { makePrepareFor } from "../src/drizzle/prepare-for.ts";
import { PreparedQueryError } from "../src/errors/errors.ts";
import { useDatabase } from "./support/pools.ts";

const notes = pgTable("notes", {
  id: integer().primaryKey(),
  owner: text().notNull(),
  body: text().notNull(),
});
/** Its values are made by the process. */
const stamped = pgTable("stamped", {
  id: text()
    .primaryKey()
    .$defaultFn(() => crypto.randomUUID()),
  body: text(),
  changed: text().$onUpdate(() => String(performance.now())),
});
const schema = { notes, stamped };
const database = useDatabase();
const prepareFor = makePrepareFor(schema);
const tenant = sql<string>`current_setting('app.tenant_id', true)`;
const id = sql.placeholder("id");

const byId = prepareFor((db) =>
  db.select({ id: notes.id, body: notes.body, tenant }).from(notes).where(eq(notes.id, id)),
);

function over(options: PoolOptions = {}) {
  const pool = database.pool({ max: 1, maxWaiting: 1_000, ...options });
  const { db, scoped } = drizzleOverPool(() => pool, schema);
  return { pool, db, forTenant: (name: string) => scoped({ "app.tenant_id": name }) };
}

beforeAll(async () => {
  await database.pool().query(`
    create table notes (id int primary key, owner text not null, body text not null);
    create table stamped (id text primary key, body text, changed text)`);
});
beforeEach(async () => {
  await database
    .pool()
    .query("truncate notes; insert into notes values (1, 'acme', 'first'), (2, 'acme', 'second')");
});

describe("a query that is prepared for any tenant", () => {
  test("runs as whoever it is run for, also when many are under way", async () => {
    const { forTenant } = over({ max: 3, connectionTimeoutMillis: 60_000 });
    const names = Array.from({ length: 200 }, (_, index) => `tenant ${index % 7}`);
    const rows = await Promise.all(
      names.map((name, index) => byId(forTenant(name), { id: 1 + (index % 2) })),
    );
    expect(rows.map(([row]) => row?.tenant)).toEqual(names);
    expect(rows.map(([row]) => row?.id)).toEqual(names.map((_, index) => 1 + (index % 2)));
  });

  test("is built once, at its first use", async () => {
    const { forTenant, db } = over();
    let built = 0;
    const all = prepareFor((builder) => {
      built++;
      return builder.select().from(notes).orderBy(asc(notes.id));
    });
    expect(built).toBe(0);
    for (const on of [forTenant("one"), forTenant("two"), db]) expect(await all(on)).toHaveLength(2);
    expect(built).toBe(1);
  });

  test("is one named statement of a connection", async () => {
    const { forTenant, db } = over();
    const body = prepareFor((db) => db.select({ body: notes.body }).from(notes).where(eq(notes.id, id)));
    for (let run = 0; run < 8; run++) await body(forTenant(`tenant ${run}`), { id: 1 });
    const { rows } = await db.execute(
      sql`select statement from pg_prepared_statements where statement like '%"notes"."id" =%'`,
    );
    expect(rows).toHaveLength(1);
  });

  test("has the type of its rows", async () => {
    const { forTenant } = over();
    const rows = await byId(forTenant("acme"), { id: 1 });
    expectTypeOf(rows).toEqualTypeOf<{ id: number; body: string; tenant: string }[]>();
    expect(rows).toEqual([{ id: 1, body: "first", tenant: "acme" }]);
  });

  test("runs each time that it is awaited, and not before", async () => {
    const { forTenant, pool } = over();
    const run = byId(forTenant("acme"), { id: 1 });
    expect(pool.getTotals()).toMatchObject({ acquired: 0 });
    expect(await run).toEqual(await run);
    expect(pool.getTotals()).toMatchObject({ acquired: 2 });
  });

  test("in a transaction is a part of it, savepoints included", async () => {
    const { forTenant, pool } = over();
    const insert = prepareFor((db) =>
      db
        .insert(notes)
        .values({ id, owner: tenant, body: sql.placeholder("body") } as never)
        .returning(),
    );
    await forTenant("acme").transaction(async (tx) => {
      expect(await insert(tx, { id: 3, body: "third" })).toEqual([{ id: 3, owner: "acme", body: "third" }]);
      expect(await byId(tx, { id: 3 })).toEqual([{ id: 3, body: "third", tenant: "acme" }]);
      const nested = tx.transaction(async (inner) => {
        await insert(inner, { id: 4, body: "fourth" });
        inner.rollback();
      });
      await expect(nested).rejects.toThrow("Rollback");
      expect(await byId(tx, { id: 4 })).toEqual([]);
    });
    expect(await byId(forTenant("other"), { id: 3 })).toMatchObject([{ body: "third" }]);
    expect(pool.getTotals()).toMatchObject({ acquired: 2 });
  });

  test("may be a raw statement, an update, or a delete", async () => {
    const { forTenant } = over();
    const raw = prepareFor((db) => db.execute<{ twice: number }>(sql`select ${id}::int * 2 as twice`));
    expect((await raw(forTenant("acme"), { id: 21 })).rows).toEqual([{ twice: 42 }]);
    const change = prepareFor((db) =>
      db.update(notes).set({ body: tenant }).where(eq(notes.id, id)).returning({ body: notes.body }),
    );
    expect(await change(forTenant("acme"), { id: 1 })).toEqual([{ body: "acme" }]);
    expect(await change(forTenant("other"), { id: 1 })).toEqual([{ body: "other" }]);
    const remove = prepareFor((db) => db.delete(notes).where(eq(notes.id, id)));
    expect((await remove(forTenant("acme"), { id: 1 })).rowCount).toBe(1);
  });

  test("may be a relational query", async () => {
    const { forTenant } = over();
    const first = prepareFor((db) =>
      db.query.notes.findFirst({ columns: { body: true }, extras: { tenant: tenant.as("tenant") } }),
    );
    for (const name of ["acme", "other"])
      expect(await first(forTenant(name))).toEqual({ body: "first", tenant: name });
  });

  test("runs on any Drizzle database, and tells its logger", async () => {
    const { pool } = over();
    const logged: [string, unknown[]][] = [];
    const db = drizzle({ client: pool, schema, logger: { logQuery: (...call) => logged.push(call) } });
    expect(await byId(db, { id: 1 })).toMatchObject([{ body: "first" }]);
    expect(logged).toEqual([[expect.stringContaining('"notes"."id" = $1'), [1]]]);
  });

  test("tells the server's error, and goes on", async () => {
    const { forTenant } = over();
    const divide = prepareFor((db) => db.execute<{ it: number }>(sql`select 1 / ${id}::int as it`));
    const failing = divide(forTenant("acme"), { id: 0 });
    await expect(failing).rejects.toMatchObject({ cause: { code: "22012" } });
    expect((await divide(forTenant("acme"), { id: 1 })).rows).toEqual([{ it: 1 }]);
  });
});

describe("what is wrong is told before anything is sent", () => {
  const cases: [string, Parameters<typeof byId>[1], string][] = [
    ["no values", undefined, 'no value for "id"; nothing was sent. Give null for a null'],
    ["an undefined value", { id: undefined }, 'no value for "id"; nothing was sent. Give null for a null'],
    ["a misspelt name", { id: 1, ID: 2 }, 'the query has no placeholder "ID", but "id"; nothing was sent'],
  ];
  test.each(cases)("%s", async (_what, values, message) => {
    const { forTenant, pool } = over();
    expect(() => byId(forTenant("acme"), values)).toThrow(new PreparedQueryError(message));
    expect(pool.getTotals()).toMatchObject({ acquired: 0 });
  });

  test("null is a value", async () => {
    const { forTenant } = over();
    expect(await byId(forTenant("acme"), { id: null })).toEqual([]);
  });

  test("a target that is no database", () => {
    expect(() => byId({} as never, { id: 1 })).toThrow("a prepared query runs on a database");
  });

  const builders: [string, Parameters<typeof prepareFor>[0], string][] = [
    ["no query", () => 1 as never, "returns one of Drizzle's queries"],
    ["an awaited query", (async () => []) as never, "returns one of Drizzle's queries"],
    ["an id that the process makes", (db) => db.insert(stamped).values({ body: "x" }), 'the same "id"'],
    [
      "a date that the process makes",
      (db) => db.update(stamped).set({ body: "x" }).where(eq(stamped.id, id)),
      'the same "changed"',
    ],
    [
      "one that it makes for a conflict",
      (db) =>
        db
          .insert(stamped)
          .values({ id: "1", body: "x", changed: "now" })
          .onConflictDoUpdate({ target: stamped.id, set: { body: "y" } }),
      'the same "changed"',
    ],
    [
      "one within WITH",
      (db) => {
        const added = db.$with("added").as(db.insert(stamped).values({ body: "x" }).returning());
        return db.with(added).select().from(added);
      },
      "writes within WITH",
    ],
  ];
  test.each(builders)("a function that makes %s", (_what, build, message) => {
    const { forTenant } = over();
    const call = () => prepareFor(build)(forTenant("acme"), {});
    expect(call).toThrow(PreparedQueryError);
    expect(call).toThrow(message);
  });

  test("a function that runs its query", async () => {
    const { forTenant } = over();
    let ran: unknown;
    const runs = prepareFor((db) => {
      const query = db.select().from(notes);
      ran = query.execute().catch((error: unknown) => error);
      return query;
    });
    expect(await runs(forTenant("acme"))).toHaveLength(2);
    expect(String(Reflect.get((await ran) as Error, "cause") ?? (await ran))).toContain("does not run one");
  });

  test("a database that a function keeps for later runs nothing as anybody", async () => {
    const { forTenant } = over();
    let kept: ReturnType<typeof over>["db"] | undefined;
    const keeps = prepareFor((db) => {
      kept = db as never;
      return db.select({ tenant }).from(notes);
    });
    await keeps(forTenant("acme"));
    const later = await kept
      ?.select({ tenant })
      .from(notes)
      .execute()
      .catch((error: unknown) => error);
    expect(later).toMatchObject({ cause: { code: "PREPARED_QUERY" } });
  });

  test("values that the process makes are its own where each is given", async () => {
    const { forTenant } = over();
    const add = prepareFor((db) =>
      db
        .insert(stamped)
        .values({ id: sql.placeholder("id"), body: "x", changed: sql.placeholder("at") })
        .returning(),
    );
    for (const [key, at] of [
      ["1", "noon"],
      ["2", "dusk"],
    ])
      expect(await add(forTenant("acme"), { id: key, at })).toEqual([{ id: key, body: "x", changed: at }]);
  });
});
