import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { type ContractContext, called, codeOf, messageOf, outcome } from "../contract/context.ts";
import { connectingBy, ending, HI, pause, repeat, rowsOf, sizes, type Table } from "./support.ts";

const TEMPORARY = new Error("Temporary connection failure");

/** A server that says nothing, or hangs up at once. */
async function withServer<T>(hangsUp: boolean, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (hangsUp) socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const failAfter = (ms: number) => (_connect: unknown, done: (error: Error) => void) =>
  void setTimeout(done, ms, TEMPORARY);

/** A pool of one connection, held, whose next callers wait 200 ms. */
async function held(context: ContractContext) {
  const pool = context.pool({ max: 1, connectionTimeoutMillis: 2_000 });
  const client = await pool.connect();
  pool.options.connectionTimeoutMillis = 200;
  return { pool, client };
}

/** What a client class is told of where to connect. */
class Told extends pg.Client {
  static options: pg.ClientConfig | undefined;
  constructor(options: pg.ClientConfig) {
    super(options);
    Told.options = options;
  }
}

export const connecting: Table = {
  "connection-strings.js": [
    {
      what: "a client class is given the connection string",
      async see(context) {
        const pool = context.pool({ connectionString: context.url, Client: Told as never });
        await pool.query("select 1");
        const { connectionString, database } = Told.options ?? {};
        return [connectionString === context.url, database === context.options().database];
      },
      plain: [true, true],
      ours: [false, true],
      why: "A connection string is read as DATABASE_URL is",
    },
  ],

  "connection-timeout.js": [
    {
      what: "a server that says nothing: callback and promise hear of the timeout, and again",
      see: (context) =>
        withServer(false, async (port) => {
          const pool = context.pool({ port, connectionTimeoutMillis: 10 });
          const [error, client] = await called<[Error, unknown]>((done) => pool.connect(done as never));
          const seen = [messageOf(error).includes("timeout"), client, pool.idleCount];
          for (let i = 0; i < 15; i++)
            seen.push(messageOf(await outcome(pool.connect())).includes("timeout"));
          return seen;
        }),
      both: [true, undefined, 0, ...repeat(15, () => true)],
    },
    {
      what: "who waits too long for the only client, by connect and by query; who is served afterwards",
      async see(context) {
        const { pool, client } = await held(context);
        const seen = [await ending(pool.connect()), await ending(pool.query(HI))];
        client.release();
        return [...seen, rowsOf(await pool.query(HI))];
      },
      both: ["refused", "refused", [{ name: "hi" }]],
    },
    {
      what: "who has waited in vain takes nothing from the one who waits behind",
      async see(context) {
        const { pool, client } = await held(context);
        const first = ending(pool.connect()).then((end) => {
          client.release();
          return end;
        });
        await pause(100);
        const second = await pool.connect();
        second.release();
        return [await first, second === client];
      },
      both: ["refused", true],
    },
    {
      what: "a connect that failed is told to its caller, and the next one is served",
      async see(context) {
        const Client = connectingBy(failAfter(50));
        const pool = context.pool({ max: 1, Client });
        return [await outcome(pool.connect()), rowsOf(await pool.query(HI))];
      },
      both: [TEMPORARY.message, [{ name: "hi" }]],
    },
    {
      what: "a client whose connect takes longer than its caller waits serves the next",
      async see(context) {
        const late: Parameters<typeof connectingBy>[0] = (connect, done) =>
          void setTimeout(connect, 900, done);
        const pool = context.pool({
          max: 1,
          connectionTimeoutMillis: 700,
          Client: connectingBy(failAfter(100), late),
        });
        const [first, second] = await Promise.all([outcome(pool.connect()), ending(pool.connect())]);
        pool.options.connectionTimeoutMillis = 3_000;
        return [first, second, rowsOf(await pool.query(HI))];
      },
      both: [TEMPORARY.message, "refused", [{ name: "hi" }]],
    },
  ],

  "error-handling.js": [
    {
      what: "five statements that fail, a query of nothing, a function for a query",
      async see(context) {
        const pool = context.pool();
        const codes = await Promise.all(repeat(5, () => codeOf(pool.query("select 'asd'+1"))));
        const [error] = await called((done) => pool.query(done as never));
        return [codes, await ending(pool.query(null as never)), error instanceof Error];
      },
      both: [repeat(5, () => "22P02"), "refused", true],
    },
    {
      what: "releasing again throws each time: the client's release, and the callback's",
      async see(context) {
        const pool = context.pool();
        const client = await pool.connect();
        const [, , done] = await called<[unknown, unknown, () => void]>((call) =>
          pool.connect(call as never),
        );
        client.release();
        done();
        const again = [() => client.release(), () => client.release(), done, done];
        return Promise.all(again.map((release) => ending(Promise.resolve().then(release))));
      },
      both: repeat(4, () => "refused"),
    },
    {
      what: "an error of a client in use is its holder's, and the client stays until it is released",
      async see(context) {
        const pool = context.pool();
        const client = await pool.connect();
        let told: unknown;
        pool.on("error", (error) => {
          told = error;
        });
        const heard = once(client, "error").catch((error) => [error]);
        client.emit("error", new Error("expected"));
        const [error] = await heard;
        const seen = [error.message, told, sizes(pool)];
        client.release();
        return seen;
      },
      both: ["expected", undefined, "1, 0 idle"],
    },
    {
      what: "twenty statements that fail on one connection, and one that does not",
      async see(context) {
        const pool = context.pool({ max: 1 });
        const codes = new Set();
        for (let i = 0; i < 20; i++) codes.add(await codeOf(pool.query("invalid sql")));
        await waitFor(() => pool.totalCount === pool.idleCount, { what: "nobody to hold a connection" });
        return [[...codes], pool.idleCount, rowsOf(await pool.query(HI))];
      },
      plain: [["42601"], 0, [{ name: "hi" }]],
      ours: [["42601"], 1, [{ name: "hi" }]],
      why: "A statement that failed keeps its connection",
    },
    {
      what: "a server that hangs up: what the caller hears, and the one behind",
      see: (context) =>
        withServer(true, async (port) => {
          const pool = context.pool({ port, max: 1, connectionTimeoutMillis: 300 });
          const codes = await Promise.all([codeOf(pool.connect()), codeOf(pool.connect())]);
          return codes.map((code) => (code === "POOL_ACQUIRE_TIMEOUT" ? code : "the socket's end"));
        }),
      plain: ["the socket's end", "the socket's end"],
      ours: ["POOL_ACQUIRE_TIMEOUT", "POOL_ACQUIRE_TIMEOUT"],
      why: "A connect that failed is tried again",
    },
    {
      what: "a client that is ended while the pool's statement runs on it",
      async see(context) {
        const pool = context.pool({ max: 1 });
        const acquired = once(pool, "acquire");
        const query = ending(pool.query("select pg_sleep(5)"));
        const [client] = await acquired;
        await pause(50);
        void client.end();
        return query;
      },
      both: "refused",
    },
  ],

  "lifecycle-hooks.js": [
    {
      what: "onConnect is called once a client, also before the pool's statement, and may be asynchronous",
      async see(context) {
        const asked: unknown[] = [];
        const onConnect = async (client: pg.ClientBase) => {
          asked.push((await client.query("select 1 as num")).rows[0].num);
        };
        const pool = context.pool({ onConnect });
        const seen = [rowsOf(await pool.query(HI)), [...asked]];
        const clients = await Promise.all([pool.connect(), pool.connect()]);
        for (const client of clients) client.release();
        return [...seen, asked, clients[0] === clients[1]];
      },
      both: [[{ name: "hi" }], [1], [1, 1], false],
    },
    {
      what: "onConnect that throws or rejects is what connect rejects with; later it may succeed",
      async see(context) {
        let errors = 0;
        const pool = context.pool({
          onConnect: async (client) => {
            if (errors++ === 0) await client.query("select invalid here");
            if (errors < 10) throw new Error("connect hook error");
          },
        });
        const messages = [];
        for (let i = 0; i < 9; i++) messages.push(await outcome(pool.connect()));
        const between = sizes(pool);
        const clients = await Promise.all([pool.connect(), pool.connect()]);
        for (const client of clients) client.release();
        return [new Set(messages), between, sizes(pool)];
      },
      both: [new Set(['column "invalid" does not exist', "connect hook error"]), "0, 0 idle", "2, 2 idle"],
    },
  ],

  "lifetime-timeout.js": [
    {
      what: "a client is removed at the end of its lifetime: when idle, and after the statement under way",
      async see(context) {
        const seen = [];
        for (const sleep of [0, 1.4]) {
          const pool = context.pool({ maxLifetimeSeconds: 1 });
          const removed = once(pool, "remove");
          await pool.query("select pg_sleep($1)", [sleep]);
          await removed;
          seen.push(pool.expiredCount, sizes(pool), rowsOf(await pool.query(HI)), pool.totalCount);
        }
        return seen;
      },
      both: repeat(2, () => [0, "0, 0 idle", [{ name: "hi" }], 1]).flat(),
    },
  ],

  "sizing.js": [
    {
      what: "one client serves one after the other, and who waits is counted",
      async see(context) {
        const pool = context.pool({ max: 1 });
        const before = pool.waitingCount;
        const client = await pool.connect();
        const next = pool.connect();
        const waiting = pool.waitingCount;
        client.release();
        const second = await next;
        second.release();
        return [before, waiting, second === client];
      },
      both: [0, 1, true],
    },
    {
      what: "a pool of one runs one statement at a time",
      async see(context) {
        const pool = context.pool({
          max: 1,
          maxWaiting: 20,
          connectionTimeoutMillis: 10_000,
        } as pg.PoolConfig);
        const text = "select count(*)::int as n from pg_stat_activity where query = $1";
        const results = await Promise.all(repeat(20, () => pool.query(text, [text])));
        return new Set(results.map(({ rows }) => rows[0].n));
      },
      both: new Set([1]),
    },
    {
      what: "twenty callers at once for a pool of one, without a word about how many may wait",
      async see(context) {
        const pool = context.pool({ max: 1, connectionTimeoutMillis: 10_000 });
        const ends = await Promise.all(repeat(20, () => ending(pool.query(HI))));
        return ends.filter((end) => end === "refused").length > 0;
      },
      plain: false,
      ours: true,
      why: "A caller is refused where many wait already",
    },
    {
      what: "min keeps idle clients, but not those that are used up or too old",
      async see(context) {
        const seen = [];
        const old = { maxLifetimeSeconds: 1 };
        for (const more of [{}, { maxUses: 1 }, old]) {
          const pool = context.pool({ max: 1, min: 1, idleTimeoutMillis: 10, ...more });
          (await pool.connect()).release();
          await pause(more === old ? 1_100 : 60);
          seen.push(pool.idleCount);
        }
        return seen;
      },
      both: [1, 0, 0],
    },
    {
      what: "min keeps as many as it says, also of those that come back together",
      async see(context) {
        const seen = [];
        for (const [min, apart] of [
          [2, true],
          [1, true],
          [1, false],
        ] as const) {
          const pool = context.pool({ max: 2, min, idleTimeoutMillis: 10 });
          for (const client of await Promise.all([pool.connect(), pool.connect()])) {
            client.release();
            if (apart) await pause(30);
          }
          await waitFor(() => pool.idleCount === min, { what: "the others to be closed" });
          await pause(60);
          seen.push(pool.idleCount);
        }
        return seen;
      },
      both: [2, 1, 1],
    },
  ],
};
