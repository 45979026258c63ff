import { once } from "node:events";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { called, codeOf, outcome } from "../contract/context.ts";
import { bare, ending, HI, pause, repeat, rowsOf, sizes, type Table } from "./support.ts";

const UNUSED_PORT = { port: 1, connectionTimeoutMillis: 200 };

type Connect = [Error | undefined, pg.PoolClient, () => void];
type Query = [Error | undefined, pg.QueryResult | undefined];

const connect = (pool: pg.Pool) => called<Connect>((done) => pool.connect(done as never));
const query = (pool: pg.Pool, text: string, values: unknown[] = []) =>
  called<Query>((done) => pool.query(text, values, done as never));

export const using: Table = {
  "index.js": [
    {
      what: "a pool without any options connects by PGHOST and the others",
      async see(context) {
        const { host, port, user, password, database } = context.options();
        const names = {
          PGHOST: host,
          PGPORT: port,
          PGUSER: user,
          PGPASSWORD: password,
          PGDATABASE: database,
        };
        const before = { ...process.env };
        for (const [name, value] of Object.entries(names)) process.env[name] = String(value);
        const pool = bare(context);
        const [error, client, release] = await connect(pool);
        const { rows } = await client.query("select current_database() as name");
        release();
        await pool.end();
        for (const name of Object.keys(names)) delete process.env[name];
        Object.assign(process.env, before);
        return [error, rows[0].name === database];
      },
      both: [undefined, true],
    },
    {
      what: "options of pg's reach the clients: binary; pipeline is off by default",
      async see(context) {
        const client = await context.pool({ binary: true } as pg.PoolConfig).connect();
        client.release();
        return [Reflect.get(client, "binary"), Reflect.get(client, "pipeline")];
      },
      both: [true, false],
    },
    {
      what: "a callback gets rows, with and without values",
      async see(context) {
        const pool = context.pool();
        const [, plainly] = await called<Query>((done) => pool.query("select 1 as num", done as never));
        const [, withValues] = await query(pool, HI.text, HI.values);
        return [plainly?.rows, withValues?.rows];
      },
      both: [[{ num: 1 }], [{ name: "hi" }]],
    },
    {
      what: "a callback of a query gets the error of a connect, and no dead client stays",
      async see(context) {
        const pool = context.pool(UNUSED_PORT);
        const [error, result] = await query(pool, HI.text, HI.values);
        await waitFor(() => pool.totalCount === 0, { what: "no client to be left" });
        return [error instanceof Error, result];
      },
      both: [true, undefined],
    },
    {
      what: "a callback of a connect that failed gets no client, and a release that does nothing",
      async see(context) {
        const [error, client, release] = await connect(context.pool(UNUSED_PORT));
        return [error instanceof Error, client, typeof release];
      },
      both: [true, undefined, "function"],
    },
    {
      what: "an idle client that has an error is removed, and the pool's event names it",
      async see(context) {
        const pool = context.pool();
        const client = Object.assign(await pool.connect(), { mark: "foo" });
        client.release();
        const failed = once(pool, "error");
        setImmediate(() => client.emit("error", new Error("on purpose")));
        const [error] = await failed;
        return [error.message, Reflect.get(error.client, "mark"), sizes(pool)];
      },
      both: ["on purpose", "foo", "0, 0 idle"],
    },
    {
      what: "the options that were given stay as they are",
      async see(context) {
        const given = { ...context.options(), max: 2, min: 0 };
        const before = { ...given };
        await context.pool(given).query("select 1");
        return Object.entries(before).every(([name, value]) => Reflect.get(given, name) === value);
      },
      both: true,
    },
    {
      what: "with a callback, connect, query and end return nothing",
      async see(context) {
        const pool = context.pool();
        const returned: unknown[] = [];
        const [, , release] = await called<Connect>((done) => returned.push(pool.connect(done as never)));
        release();
        await called((done) => returned.push(pool.query("select 1", done as never)));
        await called((done) => returned.push(pool.end(done as never)));
        return returned;
      },
      both: [undefined, undefined, undefined],
    },
    {
      what: "a callback is never called inside the call, also where a client is idle",
      async see(context) {
        const pool = context.pool();
        (await pool.connect()).release();
        let inside = true;
        const first = new Promise<boolean>((resolve) => {
          pool.connect((_error, client) => {
            client?.release();
            resolve(inside);
          });
        });
        inside = false;
        return first;
      },
      both: false,
    },
    {
      what: "30 callers at once share nine connections: poolSize",
      async see(context) {
        const pool = bare(context, { ...context.options(), min: 0, poolSize: 9 } as pg.PoolConfig);
        const work = async () => {
          const client = await pool.connect();
          const result = await client.query(HI);
          client.release();
          return result;
        };
        const results = await Promise.all([...repeat(30, work), ...repeat(30, () => pool.query(HI))]);
        const seen = [results.flatMap(rowsOf).length, pool.totalCount];
        await pool.end();
        return seen;
      },
      both: [60, 9],
    },
    {
      what: "30 statements that fail, and one that does not",
      async see(context) {
        const pool = context.pool({ max: 10 });
        const failed = await Promise.all(repeat(30, () => codeOf(pool.query("select asldkfjasldkf"))));
        await waitFor(() => pool.totalCount === pool.idleCount, { what: "nobody to hold a connection" });
        const kept = pool.totalCount > 0;
        return [failed.filter((code) => code === "42703").length, kept, rowsOf(await pool.query(HI))];
      },
      plain: [30, false, [{ name: "hi" }]],
      ours: [30, true, [{ name: "hi" }]],
      why: "A statement that failed keeps its connection",
    },
  ],

  "events.js": [
    {
      what: "connect is told of the client that the callback then gets",
      async see(context) {
        const pool = context.pool();
        const told: unknown[] = [];
        pool.on("connect", (client) => told.push(client));
        const [, client, release] = await connect(pool);
        release();
        return [told.length, told[0] === client];
      },
      both: [1, true],
    },
    {
      what: "connect is not told of where connecting fails",
      async see(context) {
        const pool = context.pool({ database: "no_such_database" });
        let told = 0;
        pool.on("connect", () => told++);
        return [await codeOf(pool.connect()), told];
      },
      both: ["3D000", 0],
    },
    {
      what: "acquire and release come once a holder, without an error",
      async see(context) {
        const pool = context.pool({ max: 10, connectionTimeoutMillis: 10_000 });
        const seen = { acquire: 0, release: 0, errors: 0 };
        pool.on("acquire", () => seen.acquire++);
        pool.on("release", (error) => {
          seen.release++;
          if (error instanceof Error) seen.errors++;
        });
        const held = async () => (await pool.connect()).release();
        await Promise.all(repeat(10, (i) => (i % 2 ? pool.query("select now()") : held())));
        return seen;
      },
      both: { acquire: 10, release: 10, errors: 0 },
    },
    {
      what: "release is told of the error that the client came back with",
      async see(context) {
        const pool = context.pool();
        const client = await pool.connect();
        const problem = new Error("problem");
        const released = once(pool, "release");
        client.release(problem);
        const [error, told] = await released;
        return [error === problem, told === client];
      },
      both: [true, true],
    },
    {
      what: "error is told with the client",
      async see(context) {
        const pool = context.pool();
        const client = await pool.connect();
        client.release();
        const failed = once(pool, "error");
        setImmediate(() => client.emit("error", new Error("problem")));
        const [error, told] = await failed;
        return [error.message, told === client];
      },
      both: ["problem", true],
    },
  ],

  "ending.js": [
    {
      what: "a pool ends that was never used, with a callback and as a promise; and one that was",
      async see(context) {
        await called((done) => context.pool().end(done as never));
        await context.pool().end();
        const used = context.pool();
        const seen = rowsOf(await used.query(HI));
        await used.end();
        return seen;
      },
      both: [{ name: "hi" }],
    },
    {
      what: "end lets a statement finish, and twenty",
      async see(context) {
        const seen = [];
        for (const callers of [1, 20]) {
          const pool = context.pool({ max: 20, connectionTimeoutMillis: 10_000 });
          let completed = 0;
          const queries = repeat(callers, () => pool.query(HI).then(() => completed++));
          await pool.end();
          seen.push(completed);
          await Promise.all(queries);
        }
        return seen;
      },
      both: [1, 20],
    },
    {
      what: "what an ended pool is asked for: connect, query, end, as promises and with callbacks",
      async see(context) {
        const pool = context.pool();
        await pool.end();
        const promised = [pool.connect(), pool.query("select now()"), pool.end()];
        const [[queried], [connected], [ended]] = await Promise.all([
          query(pool, "select *"),
          connect(pool),
          called((done) => pool.end(done as never)),
        ]);
        const byCallback = [queried, connected, ended].map((error) => error instanceof Error);
        return [await Promise.all(promised.map(ending)), byCallback];
      },
      plain: [
        ["refused", "refused", "refused"],
        [true, true, true],
      ],
      ours: [
        ["refused", "refused", "done"],
        [true, true, false],
      ],
      why: "The end comes in order, and in time",
    },
  ],

  "logging.js, max-uses.js": [
    {
      what: "log is told, also of a client that has been used as often as it may",
      async see(context) {
        const messages: unknown[] = [];
        const log = (message: unknown) => void messages.push(message);
        const pool = context.pool({ maxUses: 1, log });
        (await pool.connect()).release();
        return [messages.length > 1, messages.includes("remove expended client")];
      },
      both: [true, true],
    },
    {
      what: "a client is the same until its last use, is ended by it, and another one comes",
      async see(context) {
        const pool = context.pool({ maxUses: 2 });
        const first = await pool.connect();
        first.release();
        const second = await pool.connect();
        const before = Reflect.get(second, "_ending");
        second.release();
        const third = await pool.connect();
        third.release();
        return [first === second, before, Reflect.get(second, "_ending"), third === second];
      },
      both: [true, false, true, false],
    },
    {
      what: "a caller who waits gets another client where the one that comes back has had its last use",
      async see(context) {
        const pool = context.pool({ max: 1, maxUses: 2 });
        const first = await pool.connect();
        const seen: unknown[] = [];
        const served = [pool.connect(), pool.connect()].map((asked) =>
          asked.then((client) => {
            seen.push(client === first, pool.waitingCount);
            client.release();
          }),
        );
        seen.push(pool.waitingCount);
        first.release();
        await Promise.all(served);
        return seen;
      },
      both: [2, true, 1, false, 0],
    },
  ],

  "idle-timeout.js": [
    {
      what: "a client that was idle for long enough is removed; so is one beside it that had an error",
      async see(context) {
        const pool = context.pool({ idleTimeoutMillis: 10 });
        const [first, second] = await Promise.all([pool.connect(), pool.connect()]);
        const removed: unknown[] = [];
        pool.on("remove", (client) => removed.push(client));
        first.release();
        second.release(new Error());
        await waitFor(() => removed.length === 2, { what: "both to be removed" });
        return [sizes(pool), removed.includes(first)];
      },
      both: ["0, 0 idle", true],
    },
    {
      what: "clients come and go again and again",
      async see(context) {
        const pool = context.pool({ idleTimeoutMillis: 1 });
        const seen = new Set<string>();
        for (let i = 0; i < 10; i++) {
          const asked = pool.query("select now()");
          seen.add(sizes(pool));
          await asked;
          await waitFor(() => pool.totalCount === 0, { what: "it to be removed" });
        }
        return [...seen];
      },
      both: ["1, 0 idle"],
    },
    {
      what: "a client in use is not removed, however long it is held",
      async see(context) {
        const pool = context.pool({ idleTimeoutMillis: 50 });
        const client = await pool.connect();
        await pause(100);
        const held = sizes(pool);
        await client.query("select now()");
        client.release();
        return [held, sizes(pool)];
      },
      both: ["1, 0 idle", "1, 1 idle"],
    },
  ],

  "releasing-clients.js": [
    {
      what: "a client whose connection was severed, or that was ended, leaves the pool when it is released",
      async see(context) {
        const seen: unknown[] = [];
        for (const harm of ["sever", "end"]) {
          const pool = context.pool({ max: 1 });
          const client = await pool.connect();
          if (harm === "sever") {
            const failed = new Promise((resolve) => client.once("error", resolve));
            (client as unknown as pg.Client).connection.end();
            await failed;
          } else void (client as unknown as pg.Client).end();
          const held = sizes(pool);
          client.release();
          seen.push(held, sizes(pool), rowsOf(await pool.query(HI)));
        }
        return seen;
      },
      both: repeat(2, () => ["1, 0 idle", "0, 0 idle", [{ name: "hi" }]]).flat(),
    },
  ],

  "verify.js": [
    {
      what: "verify refuses by its callback",
      see: (context) =>
        outcome(context.pool({ verify: (_client, done) => done(new Error("nope")) }).connect()),
      both: "nope",
    },
  ],
};
