import pg from "pg";
import {
  type Behaviour,
  backend,
  type ContractContext,
  called,
  codeOf,
  firstClient,
  messageOf,
  outcome,
} from "./context.ts";

const ONE = "select 1 as one";

/** Whether a connection is the same after being returned with `release`. */
async function survives(
  { pool: make }: ContractContext,
  release: (client: pg.PoolClient, pool: pg.Pool) => unknown,
) {
  const pool = make({ max: 1 });
  const client = await pool.connect();
  const before = await backend(client);
  await release(client, pool);
  return (await backend(pool)) === before ? "kept" : "replaced";
}

export const calls: readonly Behaviour[] = [
  {
    what: "query as a promise: text, values, config, values beside a config, rows as arrays",
    async see(context) {
      const pool = context.pool();
      const config = { text: "select $1::int as one" };
      const results = [
        await pool.query(ONE),
        await pool.query("select $1::int as one", [1]),
        await pool.query({ ...config, values: [1] }),
        await pool.query(config, [1]),
        await pool.query({ name: "one", ...config, values: [1] }),
        await pool.query({ ...config, values: [1], rowMode: "array" }),
      ];
      return results.map(({ command, rowCount, rows, fields }) => [command, rowCount, rows, fields[0]?.name]);
    },
    both: [
      ...Array.from({ length: 5 }, () => ["SELECT", 1, [{ one: 1 }], "one"]),
      ["SELECT", 1, [[1]], "one"],
    ],
  },
  {
    what: "query with a callback: text, values, config",
    async see(context) {
      const pool = context.pool();
      type Call = [Error | undefined, pg.QueryResult];
      const returned: unknown[] = [];
      const seen = [
        await called<Call>((done) => returned.push(pool.query(ONE, done))),
        await called<Call>((done) => returned.push(pool.query("select $1::int as one", [1], done))),
        await called<Call>((done) => returned.push(pool.query({ text: ONE } as never, done as never))),
        await called<Call>((done) => returned.push(pool.query("select 1/0", done))),
      ];
      return [returned, seen.map(([error, result]) => [error?.message, result?.rows])];
    },
    both: [
      [undefined, undefined, undefined, undefined],
      [
        [undefined, [{ one: 1 }]],
        [undefined, [{ one: 1 }]],
        [undefined, [{ one: 1 }]],
        ["division by zero", undefined],
      ],
    ],
  },
  {
    what: "query with nonsense: a function, nothing",
    async see(context) {
      const pool = context.pool();
      const [error] = await called((done) => pool.query(done as never));
      return [messageOf(error), await outcome(pool.query(undefined as never))];
    },
    both: [
      "Passing a function as the first parameter to pool.query is not supported",
      "Client was passed a null or undefined query",
    ],
  },
  {
    what: "connect as a promise and with a callback",
    async see(context) {
      const pool = context.pool();
      const promised = await pool.connect();
      const [error, client, done] = await called<Parameters<Parameters<pg.Pool["connect"]>[0]>>((callback) =>
        pool.connect(callback),
      );
      const seen = [
        promised instanceof pg.Client,
        error,
        client instanceof pg.Client,
        done === client?.release,
      ];
      promised.release();
      done();
      return seen;
    },
    both: [true, undefined, true, true],
  },
  {
    what: "connect that the server refuses: promise and callback",
    async see(context) {
      const pool = context.pool({ database: "no_such_database" });
      const [error, client, done] = await called<[Error, unknown, unknown]>((callback) =>
        pool.connect(callback as never),
      );
      const seen = [await codeOf(pool.connect()), Reflect.get(error, "code"), client, typeof done];
      return [...seen, await codeOf(pool.query(ONE)), pool.totalCount];
    },
    both: ["3D000", "3D000", undefined, "function", "3D000", 0],
  },
  {
    what: "connect where no server is",
    see: (context) => codeOf(context.pool({ port: 1, connectionTimeoutMillis: 150 }).connect()),
    plain: "ECONNREFUSED",
    ours: "POOL_ACQUIRE_TIMEOUT",
    why: "A connect that failed is tried again",
  },
  {
    what: "waiting longer than connectionTimeoutMillis",
    async see(context) {
      const pool = context.pool({ max: 1, connectionTimeoutMillis: 500 });
      const client = await firstClient(pool);
      const error: unknown = await pool.connect().catch((caught) => caught);
      client.release();
      return [messageOf(error).replace(/:.*/, ""), Reflect.get(error as object, "code"), pool.waitingCount];
    },
    plain: ["timeout exceeded when trying to connect", undefined, 0],
    ours: ["timeout exceeded when trying to connect", "POOL_ACQUIRE_TIMEOUT", 0],
    why: "Errors have a class and a code",
  },
  {
    what: "a checked-out client's query: callback, callback in the config, nonsense",
    async see(context) {
      const client = await context.pool().connect();
      try {
        const plainly = await called<[unknown, pg.QueryResult]>((done) => client.query(ONE, done as never));
        const configured = await called<[unknown, pg.QueryResult]>((callback) =>
          client.query({ text: ONE, callback } as never),
        );
        const thrown = () => client.query(null as never);
        return [
          ...[plainly, configured].map(([error, { rows }]) => [error, rows]),
          await outcome(Promise.resolve().then(thrown)),
        ];
      } finally {
        client.release();
      }
    },
    both: [[null, [{ one: 1 }]], [null, [{ one: 1 }]], "Client was passed a null or undefined query"],
  },
  {
    what: "a config that its owner has frozen, or whose text is inherited",
    async see(context) {
      const client = await context.pool().connect();
      try {
        const tagged = Object.assign(Object.create({ text: "select $1::int as one" }), { values: [1] });
        const results = [await client.query(Object.freeze({ text: ONE })), await client.query(tagged)];
        return results.map(({ rows }) => rows);
      } finally {
        client.release();
      }
    },
    both: [[{ one: 1 }], [{ one: 1 }]],
  },
  {
    what: "a statement with a query_timeout of its own",
    see: (context) =>
      outcome(context.pool().query({ text: "select pg_sleep(2)", query_timeout: 100 } as pg.QueryConfig)),
    plain: "Query read timeout",
    ours: "Query read timeout: a statement took longer than 100 ms and was cancelled: nothing of it is kept",
    why: "Errors have a class and a code",
  },
  {
    what: "done and release given true, or anything else that is truthy",
    see: async (context) => [
      await survives(context, (client) => client.release(true)),
      await survives(context, (client) => client.release(new Error("mine"))),
      await survives(context, (client) => client.release("of no use" as never)),
      await survives(context, async (client, pool) => {
        client.release();
        const [, , done] = await called<[unknown, unknown, (reason: unknown) => void]>((callback) =>
          pool.connect(callback as never),
        );
        done("of no use");
      }),
    ],
    both: ["replaced", "replaced", "replaced", "replaced"],
  },
  {
    what: "release given nothing, false or null",
    see: async (context) => [
      await survives(context, (client) => client.release()),
      await survives(context, (client) => client.release(false)),
      await survives(context, (client) => client.release(null as never)),
    ],
    both: ["kept", "kept", "kept"],
  },
  {
    what: "release given an ordinary error of the server; pool.query that failed with one",
    see: async (context) => [
      await survives(context, async (client) =>
        client.release(await client.query("select 1/0").catch((error) => error)),
      ),
      await survives(context, async (client, pool) => {
        client.release();
        await outcome(pool.query("select 1/0"));
      }),
    ],
    plain: ["replaced", "replaced"],
    ours: ["kept", "kept"],
    why: "A statement that failed keeps its connection",
  },
  {
    what: "release inside a transaction, and with a statement under way",
    see: async (context) => [
      await survives(context, async (client) => {
        await client.query("begin");
        client.release();
      }),
      await survives(context, (client) => {
        client.query("select pg_sleep(0.1)").catch(() => {});
        client.release();
      }),
    ],
    plain: ["kept", "kept"],
    ours: ["replaced", "replaced"],
    why: "A connection that comes back is judged and reset",
  },
  {
    what: "session state that a holder leaves behind",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const client = await pool.connect();
      await client.query("set application_name = 'left behind'");
      client.release();
      const { rows } = await pool.query("select current_setting('application_name') as name");
      return rows[0].name;
    },
    plain: "left behind",
    ours: "",
    why: "A connection that comes back is judged and reset",
  },
  {
    what: "release twice",
    async see(context) {
      const client = await context.pool().connect();
      client.release();
      return outcome(Promise.resolve().then(() => client.release()));
    },
    both: "Release called on client which has already been released to the pool.",
  },
];
