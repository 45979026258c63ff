import { inspect } from "node:util";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { type Behaviour, backend, countsOf, nextTurn } from "./context.ts";

export const counts: readonly Behaviour[] = [
  {
    what: "a caller who finds every connection checked out",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      const next = pool.connect();
      const immediate = [pool.totalCount, pool.waitingCount];
      (await next).release();
      const later = pool.totalCount;
      client.release();
      return [immediate, later];
    },
    plain: [[2, 0], 2],
    ours: [[1, 1], 2],
    why: "A connection is opened when those that are there will not do",
  },
  {
    what: "a statement with parameters, executed again and again",
    async see(context) {
      const pool = context.pool({ max: 1 });
      for (let each = 0; each < 3; each++) await pool.query("select $1::int as one", [1]);
      const { rows } = await pool.query("select count(*)::int as prepared from pg_prepared_statements");
      return rows[0].prepared;
    },
    plain: 0,
    ours: 1,
    why: "Statements are prepared by themselves",
  },
  {
    what: "counts while the pool grows and callers wait",
    async see(context) {
      const pool = context.pool();
      const seen = [countsOf(pool)];
      const note = () => seen.push(countsOf(pool));
      const first = pool.connect();
      note();
      const second = pool.connect();
      const third = pool.connect();
      note();
      const clients = await Promise.all([first, second]);
      note();
      clients[0].release();
      clients.push(await third);
      note();
      for (const client of clients.slice(1)) client.release();
      await waitFor(() => pool.idleCount === 2, { what: "both to be idle" });
      note();
      const again = pool.connect();
      note();
      await nextTurn();
      note();
      (await again).release();
      return seen;
    },
    both: [
      "0 in all, 0 idle, 0 waiting",
      "1 in all, 0 idle, 0 waiting",
      "2 in all, 0 idle, 1 waiting",
      "2 in all, 0 idle, 1 waiting",
      "2 in all, 0 idle, 0 waiting",
      "2 in all, 2 idle, 0 waiting",
      "2 in all, 2 idle, 1 waiting",
      "2 in all, 1 idle, 0 waiting",
    ],
  },
  {
    what: "counts right after release, and after a query",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      client.release();
      const released = countsOf(pool);
      await pool.query("select 1");
      return [released, countsOf(pool)];
    },
    both: ["1 in all, 1 idle, 0 waiting", "1 in all, 1 idle, 0 waiting"],
  },
  {
    what: "counts right after a connection was destroyed",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      client.release(true);
      return countsOf(pool);
    },
    both: "0 in all, 0 idle, 0 waiting",
  },
  {
    what: "expiredCount while an expired connection is held, and after",
    async see(context) {
      const pool = context.pool({ maxLifetimeSeconds: 1 });
      const client = await pool.connect();
      const seen: unknown[] = [pool.expiredCount];
      await waitFor(() => pool.expiredCount === 1, { what: "the connection to expire" });
      seen.push(countsOf(pool));
      client.release();
      await waitFor(() => pool.totalCount === 0, { what: "it to be closed" });
      return [...seen, pool.expiredCount];
    },
    both: [0, "1 in all, 0 idle, 0 waiting", 0],
  },
  {
    what: "who is served first, and by which connection",
    async see(context) {
      const pool = context.pool();
      const clients = [await pool.connect(), await pool.connect()];
      const order: string[] = [];
      const waiting = ["first", "second", "third"].map(async (name) => {
        const client = await pool.connect();
        order.push(name);
        client.release();
      });
      for (const client of clients) client.release();
      await Promise.all(waiting);
      await waitFor(() => pool.idleCount === 2, { what: "both to be idle" });
      const last = await backend(pool);
      return [order, (await backend(pool)) === last];
    },
    both: [["first", "second", "third"], true],
  },
  {
    what: "options as they were given",
    async see(context) {
      const given = { max: 3, min: 1, idleTimeoutMillis: 500, maxUses: 7, allowExitOnIdle: true };
      const { options } = context.pool({ ...given, connectionTimeoutMillis: 700, application_name: "me" });
      const { max, min, idleTimeoutMillis, maxUses, allowExitOnIdle } = options;
      const { connectionTimeoutMillis, application_name, password } = options;
      return [
        { max, min, idleTimeoutMillis, maxUses, allowExitOnIdle },
        { connectionTimeoutMillis, application_name, password: password === context.options().password },
      ];
    },
    both: [
      { max: 3, min: 1, idleTimeoutMillis: 500, maxUses: 7, allowExitOnIdle: true },
      { connectionTimeoutMillis: 700, application_name: "me", password: true },
    ],
  },
  {
    what: "options that were not given",
    async see(context) {
      const nothing = { max: undefined, min: undefined, connectionTimeoutMillis: undefined } as pg.PoolConfig;
      const { options } = context.pool(nothing);
      const { max, min, idleTimeoutMillis, connectionTimeoutMillis } = options;
      const { maxUses, maxLifetimeSeconds, allowExitOnIdle } = options;
      return [
        { max, min, idleTimeoutMillis, connectionTimeoutMillis, maxLifetimeSeconds },
        { maxUses, allowExitOnIdle },
      ];
    },
    plain: [
      {
        max: 10,
        min: 0,
        idleTimeoutMillis: 10_000,
        connectionTimeoutMillis: undefined,
        maxLifetimeSeconds: 0,
      },
      { maxUses: Number.POSITIVE_INFINITY, allowExitOnIdle: false },
    ],
    ours: [
      {
        max: 20,
        min: 2,
        idleTimeoutMillis: 30_000,
        connectionTimeoutMillis: 5_000,
        maxLifetimeSeconds: 1_800,
      },
      { maxUses: Number.POSITIVE_INFINITY, allowExitOnIdle: true },
    ],
    why: "Settings have other defaults, and nonsense is refused",
  },
  {
    what: "options that make no sense",
    async see(context) {
      const tryOut = (options: pg.PoolConfig) => {
        try {
          context.pool(options);
          return "taken";
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        tryOut({ max: -1 }),
        tryOut({ max: 1, min: 2 }),
        tryOut({ connectionTimeoutMillis: "5s" as never }),
        tryOut({ connectionTimeoutMillis: -1 }),
      ];
    },
    plain: ["taken", "taken", "taken", "taken"],
    ours: ["PoolConfigError", "PoolConfigError", "PoolConfigError", "PoolConfigError"],
    why: "Settings have other defaults, and nonsense is refused",
  },
  {
    what: "pg-pool's own fields while a connection is held",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      const fields = ["_clients", "_idle", "_pendingQueue"].map((name) => Reflect.get(pool, name).length);
      client.release();
      return fields;
    },
    plain: [1, 0, 0],
    ours: [0, 0, 0],
    why: "Fields with an underscore are empty",
  },
  {
    what: "the password in a dump of the pool with its clients",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      const secret = String(Reflect.get(client, "secretKey"));
      const dump = inspect({ pool, client }, { depth: 10 });
      client.release();
      return [dump.includes(String(context.options().password)), dump.includes(secret)];
    },
    plain: [false, true],
    ours: [false, false],
    why: "Dumps show no secrets",
  },
];
