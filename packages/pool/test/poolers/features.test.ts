import { waitFor } from "@openhouse/pool-testing";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { addJobAdhoc, Logger, makeWorkerUtils, runOnce } from "graphile-worker";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import Cursor from "pg-cursor";
import { beforeAll, describe, expect, test } from "vitest";
import type { BatchingDatabase } from "../../src/drizzle/batch.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { makePrepareFor } from "../../src/drizzle/prepare-for.ts";
import { HealthProbe } from "../../src/health/probe.ts";
import type { Pool } from "../../src/pool.ts";
import { Client } from "../../src/query/client.ts";
import { optionsFor } from "../support/options.ts";
import { usePoolers, WAYS, type Way } from "./poolers.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const schema = { notes };
const prepareFor = makePrepareFor(schema);
const byId = prepareFor((db) =>
  db
    .select()
    .from(notes)
    .where(eq(notes.id, sql.placeholder("id"))),
);
const tenant = sql<string>`current_setting('app.tenant_id', true)`;
const poolers = usePoolers();

beforeAll(async () => {
  const pool = poolers.pool("direct");
  await pool.query("create table notes (id int primary key, body text not null)");
  await pool.query("insert into notes values (1, 'one'), (2, 'two')");
});

interface Subject {
  readonly way: Way;
  readonly pool: Pool;
  readonly db: BatchingDatabase<typeof schema>;
  forTenant(name: string): Subject["db"];
}

async function onClient<T>(pool: Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

/** What is done, and what comes of it where it is not refused. */
const FEATURES: Readonly<Record<string, (subject: Subject) => Promise<void>>> = {
  db: async ({ db }) => {
    expect(await db.select().from(notes).where(eq(notes.id, 1))).toEqual([{ id: 1, body: "one" }]);
  },
  forTenant: async ({ forTenant }) => {
    const names = ["acme", "globex", "initech", "umbrella", "hooli", "wayne"];
    const seen = await Promise.all(
      names.map((name) => forTenant(name).select({ tenant }).from(notes).limit(1)),
    );
    expect(seen.map(([row]) => row?.tenant)).toEqual(names);
  },
  "a transaction, and one in it": async ({ forTenant }) => {
    const seen = await forTenant("acme").transaction(async (tx) => {
      await tx.insert(notes).values({ id: 3, body: "three" });
      await tx
        .transaction(async (inner) => {
          await inner.insert(notes).values({ id: 4, body: "four" });
          throw new Error("boom");
        })
        .catch(() => {});
      const rows = await tx.select({ id: notes.id, tenant }).from(notes).orderBy(notes.id);
      await tx.delete(notes).where(eq(notes.id, 3));
      return rows;
    });
    expect(seen).toEqual([1, 2, 3].map((id) => ({ id, tenant: "acme" })));
  },
  "several statements in one text": async ({ pool }) => {
    const results = await pool.query("select 1 as one; select 2 as two");
    expect((results as unknown as pg.QueryResult[]).map(({ rows }) => rows)).toEqual([
      [{ one: 1 }],
      [{ two: 2 }],
    ]);
  },
  "a batch": async ({ db, forTenant }) => {
    const transaction = () =>
      sql<{ id: string; tenant: string }>`select txid_current() as id, ${tenant} as tenant`;
    const run = async (on: Subject["db"]) => {
      const results = await on.batch([on.execute(transaction()), on.execute(transaction())]);
      return results.flatMap(({ rows }) => rows as { id: string; tenant: string }[]);
    };
    for (const rows of await Promise.all(Array.from({ length: 12 }, () => run(forTenant("acme"))))) {
      expect(rows.map((row) => row.tenant)).toEqual(["acme", "acme"]);
      expect(rows[0]?.id).toBe(rows[1]?.id);
    }
    const unscoped = await run(db);
    expect(unscoped.map((row) => row.tenant || null)).toEqual([null, null]);
  },
  prepareFor: async ({ forTenant }) => {
    for (let run = 0; run < 6; run++)
      expect(await byId(forTenant(`tenant ${run}`), { id: 2 })).toEqual([{ id: 2, body: "two" }]);
  },
  "a name of one's own": async ({ pool }) => {
    const statement = { name: "by_id", text: "select body from notes where id = $1" };
    const asked = Array.from({ length: 20 }, (_, index) =>
      pool.query<{ body: string }>(statement, [1 + (index % 2)]),
    );
    const bodies = (await Promise.all(asked)).map(({ rows }) => rows[0]?.body);
    expect(bodies).toEqual(bodies.map((_, index) => (index % 2 === 0 ? "one" : "two")));
  },
  "BEGIN and COMMIT on a client": ({ pool }) =>
    onClient(pool, async (client) => {
      await client.query("begin");
      await client.query("select set_config('app.tenant_id', 'acme', true)");
      await client.query("set local statement_timeout = 9000");
      await client.query("create temporary table passing (id int) on commit drop");
      const { rows } = await client.query("select current_setting('app.tenant_id', true) as tenant");
      await client.query("commit");
      expect(rows).toEqual([{ tenant: "acme" }]);
    }),
  "Drizzle's own transaction": async ({ pool }) => {
    const rows = await drizzle(pool as unknown as pg.Pool).transaction((tx) => tx.select().from(notes));
    expect(rows).toHaveLength(2);
  },
  "Kysely's transaction, and its stream": async ({ pool }) => {
    const db = new Kysely<{ notes: { id: number; body: string } }>({
      dialect: new PostgresDialect({ pool, cursor: Cursor }),
    });
    const count = await db.transaction().execute((tx) =>
      tx
        .selectFrom("notes")
        .select("id")
        .execute()
        .then((rows) => rows.length),
    );
    expect(count).toBe(2);
    const streamed: number[] = [];
    for await (const { id } of db.selectFrom("notes").select("id").orderBy("id").stream(1)) streamed.push(id);
    expect(streamed).toEqual([1, 2]);
  },
  "graphile-worker's migrations and jobs": async ({ pool, way }) => {
    const options = {
      pgPool: pool as unknown as pg.Pool,
      schema: `worker_${way}`,
      logger: new Logger(() => () => {}),
    };
    pool.on("connect", () => {}); // it warns where nobody listens, as it expects handlers for errors there
    const done: unknown[] = [];
    const utils = await makeWorkerUtils(options);
    await utils.migrate();
    await utils.release();
    await addJobAdhoc(options, "greet", { name: "Ann" });
    await runOnce({
      ...options,
      noHandleSignals: true,
      taskList: { greet: (given) => void done.push(given) },
    });
    expect(done).toEqual([{ name: "Ann" }]);
  },
  "an AbortSignal": async ({ pool }) => {
    const controller = new AbortController();
    const asked = pool.query({ text: "select pg_sleep(30)", signal: controller.signal } as pg.QueryConfig);
    await waitFor(() => pool.getHolders().length > 0, { what: "the statement to be sent" });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  },
  "a deadline": async ({ pool }) => {
    const asked = pool.query({ text: "select pg_sleep(30)", query_timeout: 100 } as pg.QueryConfig);
    await expect(asked).rejects.toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: true });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  },
  health: async ({ pool, way }) => {
    const probe = new HealthProbe(() => new Client(optionsFor(poolers.url(way)) as pg.ClientConfig));
    poolers.keep({ end: () => probe.close() });
    expect(await probe.check(pool.getStats(), false)).toMatchObject({
      status: "healthy",
      behindPooler: way !== "direct",
    });
  },
  LISTEN: ({ pool }) =>
    onClient(pool, async (client) => {
      const heard: unknown[] = [];
      client.on("notification", ({ payload }) => heard.push(payload));
      await client.query("listen news");
      await pool.query("select pg_notify('news', 'hot')");
      await waitFor(() => heard.length > 0, { what: "the notification" });
      expect(heard).toEqual(["hot"]);
    }),
  "a session's advisory lock": ({ pool }) =>
    onClient(pool, async (client) => {
      await client.query("select pg_advisory_lock(42)");
      const { rows } = await pool.query("select pg_try_advisory_lock(42) as got");
      expect(rows).toEqual([{ got: false }]);
    }),
  "set_config for the session": ({ pool }) =>
    onClient(pool, async (client) => {
      await client.query("select set_config('app.tenant_id', 'acme', false)");
      const { rows } = await client.query("select current_setting('app.tenant_id', true) as tenant");
      expect(rows).toEqual([{ tenant: "acme" }]);
    }),
  "SET in a transaction": ({ pool }) =>
    onClient(pool, async (client) => {
      await client.query("begin");
      try {
        await client.query("set search_path = pg_catalog");
      } finally {
        await client.query("commit");
      }
    }),
  "a temporary table": async ({ pool }) => {
    await pool.query("create temporary table passing (id int)");
  },
  "PREPARE by statement": async ({ pool }) => {
    await pool.query("prepare by_text as select 1");
  },
  "a statement of pg's own that sets": ({ pool }) =>
    onClient(
      pool,
      (client) =>
        new Promise<void>((resolve, reject) => {
          client.query(
            new pg.Query("set search_path = pg_catalog", (error: Error | undefined) =>
              error ? reject(error) : resolve(),
            ),
          );
        }),
    ),
  "a batch that sets": async ({ db }) => {
    await db.batch([
      db.execute(sql`select 1`),
      db.execute(sql`select set_config('app.tenant_id', 'acme', false)`),
    ]);
  },
};

/** What a pooler in transaction mode cannot do. */
const REFUSED: ReadonlySet<string> = new Set([
  "LISTEN",
  "a session's advisory lock",
  "set_config for the session",
  "SET in a transaction",
  "a temporary table",
  "PREPARE by statement",
  "a statement of pg's own that sets",
  "a batch that sets",
]);

describe.each(WAYS)("over a connection that is: %s", (way) => {
  test.each(Object.entries(FEATURES))(
    "%s works, or is refused where sessions are shared",
    async (name, use) => {
      const pool = poolers.pool(way);
      const { db, scoped } = drizzleOverPool(() => pool, schema);
      const used = use({ way, pool, db, forTenant: (id) => scoped({ "app.tenant_id": id }) });
      const outcome = await used.then(
        () => "works",
        (error: unknown) => codeOf(error),
      );
      expect(outcome).toBe(way === "transaction" && REFUSED.has(name) ? "SESSION_REQUIRED" : "works");
      // Whatever was refused has cost nobody a connection.
      await waitFor(() => pool.getStats().usedCount === 0, { what: "every connection to be back" });
      if (outcome !== "works") expect(pool.getTotals().destroyed).toEqual({});
    },
  );
});

/** Of the error itself, or of the one that Drizzle has put around it. */
function codeOf(error: unknown): unknown {
  for (let each = error; each instanceof Error; each = each.cause) {
    const code: unknown = Reflect.get(each, "code");
    if (code !== undefined && code !== "BATCH") return code;
  }
  throw error;
}
