import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import {
  type Behaviour,
  backend,
  type ContractContext,
  countsOf,
  nextTurn,
  outcome,
  record,
} from "./context.ts";

const EXITS = fileURLToPath(new URL("./exits.ts", import.meta.url));

class Own extends pg.Client {}

class OwnPromise<T> extends Promise<T> {}

const zone = async (queryable: { query(sql: string): Promise<pg.QueryResult> }) =>
  (await queryable.query("select current_setting('timezone') as zone")).rows[0].zone;

/** What a statement and two holders see of a session that was prepared when it was opened. */
async function zones(pool: pg.Pool): Promise<unknown[]> {
  const seen = [await zone(pool)];
  for (let i = 0; i < 2; i++) {
    const client = await pool.connect();
    seen.push(await zone(client));
    await client.query("set timezone = 'Asia/Tokyo'");
    await client.query("set timezone = 'Europe/Dublin'");
    client.release();
  }
  return [...seen, await zone(pool)];
}

/** How a process ends that uses a pool and has nothing to do then, and whether its idle connections had to be closed first. */
async function exitOf({ kind, url }: ContractContext, options: object): Promise<unknown[]> {
  const child = spawn(process.execPath, ["--import", "tsx", EXITS, kind, url, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000, // one that does not end is killed, and has a signal to show for it
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const [code, signal] = await once(child, "close");
  return [code, signal, output];
}

export const settings: readonly Behaviour[] = [
  {
    what: "onConnect is awaited before anybody gets the connection, once a connection",
    async see(context) {
      const seen: string[] = [];
      const pool = context.pool({
        max: 1,
        onConnect: async (client) => {
          seen.push("opened");
          await client.query("select pg_sleep(0.02)");
          seen.push("prepared");
        },
      });
      await pool.query("select 1").then(() => seen.push("served"));
      await pool.query("select 1").then(() => seen.push("served"));
      return seen;
    },
    both: ["opened", "prepared", "served", "served"],
  },
  {
    what: "a session that onConnect has prepared stays so",
    see: (context) =>
      zones(
        context.pool({
          max: 1,
          onConnect: async (client) => void (await client.query("set timezone = 'Europe/Dublin'")),
        }),
      ),
    both: ["Europe/Dublin", "Europe/Dublin", "Europe/Dublin", "Europe/Dublin"],
  },
  {
    what: "a session that a listener of 'connect' has prepared stays so",
    see(context) {
      const pool = context.pool({ max: 1 });
      pool.on("connect", (client) => void client.query("set timezone = 'Europe/Dublin'"));
      return zones(pool);
    },
    both: ["Europe/Dublin", "Europe/Dublin", "Europe/Dublin", "Europe/Dublin"],
  },
  {
    what: "onConnect that fails",
    async see(context) {
      const pool = context.pool({ onConnect: () => Promise.reject(new Error("not like this")) });
      const seen = record(pool);
      return [await outcome(pool.query("select 1")), countsOf(pool), seen];
    },
    both: ["not like this", "0 in all, 0 idle, 0 waiting", []],
  },
  {
    what: "verify that agrees",
    async see(context) {
      const verify: NonNullable<pg.PoolConfig["verify"]> = (client, done) => {
        client.query("select 1").then(() => done(), done);
      };
      const pool = context.pool({ max: 1, verify });
      const pid = await backend(pool);
      return [(await backend(pool)) === pid, countsOf(pool)];
    },
    both: [true, "1 in all, 1 idle, 0 waiting"],
  },
  {
    what: "verify that refuses",
    async see(context) {
      const pool = context.pool({ verify: (_client, done) => done(new Error("not you")) });
      const seen = record(pool);
      const refused = await outcome(pool.connect());
      return [refused, countsOf(pool), seen.filter((event) => Array.isArray(event) && event[0] !== "remove")];
    },
    plain: [
      "not you",
      "0 in all, 0 idle, 0 waiting",
      [
        ["connect", "client 1"],
        ["acquire", "client 1"],
        ["release", "not you", "client 1"],
      ],
    ],
    ours: ["not you", "0 in all, 0 idle, 0 waiting", []],
    why: "A connection that a hook refuses was never there",
  },
  {
    what: "maxUses",
    async see(context) {
      const pool = context.pool({ max: 1, maxUses: 2 });
      const pids = [await backend(pool), await backend(pool), await backend(pool), await backend(pool)];
      return pids.map((pid) => pids.indexOf(pid));
    },
    both: [0, 0, 2, 2],
  },
  {
    what: "idleTimeoutMillis closes what is idle above min",
    async see(context) {
      const pool = context.pool({ max: 3, min: 1, idleTimeoutMillis: 60 });
      const seen = record(pool);
      const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
      for (const client of clients) client.release();
      await waitFor(() => pool.totalCount === 1, { what: "two to be closed" });
      await waitFor(() => seen.length === 11, { what: "their sockets to be closed" });
      return [countsOf(pool), (await pool.query("select 1 as one")).rows, pool.totalCount];
    },
    both: ["1 in all, 1 idle, 0 waiting", [{ one: 1 }], 1],
  },
  {
    what: "maxLifetimeSeconds, for a connection that is idle",
    async see(context) {
      const pool = context.pool({ maxLifetimeSeconds: 1 });
      await pool.query("select 1");
      const seen = record(pool);
      await waitFor(() => seen.some((event) => Array.isArray(event) && event[0] === "remove"), {
        what: "it to be closed",
      });
      return [countsOf(pool), seen];
    },
    plain: [
      "0 in all, 0 idle, 0 waiting",
      [
        ["acquire", "client 1"],
        ["release", undefined, "client 1"],
        ["remove", "client 1"],
      ],
    ],
    ours: ["0 in all, 0 idle, 0 waiting", [["remove", "client 1"]]],
    why: "An idle connection that expires is not checked out first",
  },
  {
    what: "allowExitOnIdle lets the process end although connections are open",
    see: (context) => exitOf(context, { min: 0, idleTimeoutMillis: 60_000, allowExitOnIdle: true }),
    both: [0, null, "served at once\n"],
  },
  {
    what: "allowExitOnIdle: false keeps the process until they are closed",
    see: (context) => exitOf(context, { min: 0, idleTimeoutMillis: 1_000, allowExitOnIdle: false }),
    both: [0, null, "served later\n"],
  },
  {
    what: "a process that has nothing else to do, and no allowExitOnIdle",
    see: (context) => exitOf(context, { idleTimeoutMillis: 5_000 }),
    plain: [0, null, "served later\n"],
    ours: [0, null, "served at once\n"],
    why: "Idle connections keep no process running",
  },
  {
    what: "a Client class of one's own",
    async see(context) {
      const pool = context.pool({ Client: Own as never });
      const client = await pool.connect();
      client.release();
      return [client instanceof Own, client.constructor.name, pool.Client === Own];
    },
    both: [true, "Own", true],
  },
  {
    what: "a Promise class of one's own",
    async see(context) {
      const pool = context.pool({ Promise: OwnPromise as never });
      const connecting = pool.connect();
      const client = await connecting;
      const query = pool.query("select 1");
      const own = client.query("select 1");
      await Promise.all([query, own]);
      client.release();
      const ended = pool.end();
      await ended;
      const late = pool.connect();
      await outcome(late);
      return [connecting, query, own, ended, late].map((each) => each instanceof OwnPromise);
    },
    both: [true, true, true, true, true],
  },
  {
    what: "log is told what the pool does",
    async see(context) {
      const told: string[] = [];
      const pool = context.pool({ log: (...messages: unknown[]) => void told.push(String(messages[0])) });
      await pool.query("select 1");
      const client = await pool.connect();
      client.release(true);
      await nextTurn();
      await pool.end();
      return [
        "connecting new client",
        "new client connected",
        "dispatching query",
        "query dispatched",
        "ending",
      ].filter((message) => !told.includes(message));
    },
    both: [],
  },
];

// `Client` is a property of pg-pool's that its types do not know.
declare module "pg" {
  interface Pool {
    readonly Client: unknown;
  }
}
