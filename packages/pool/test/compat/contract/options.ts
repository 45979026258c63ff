import { EventEmitter } from "node:events";
import pg from "pg";
import { Pool } from "../../../src/pool.ts";
import { type Behaviour, type ContractContext, codeOf, messageOf, outcome } from "./context.ts";

class Own extends pg.Client {}

/** Changes a setting on the way, in a copy of what it is given. */
class Renamed extends pg.Client {
  constructor(options: pg.ClientConfig) {
    super({ ...options, application_name: "renamed" });
  }
}

/** Of the shape of `pg.native.Client`: pg-pool's documents name that class, and it has no `connection`. */
class Wrapped extends EventEmitter {
  readonly _queryable = true;
  readonly #client: pg.Client;
  readonly query: pg.Client["query"];

  constructor(options: pg.ClientConfig) {
    super();
    this.#client = new pg.Client(options);
    this.query = this.#client.query.bind(this.#client) as pg.Client["query"];
  }
  connect(callback: (error: Error) => void) {
    this.#client.connect(callback);
  }
  end(callback: () => void) {
    this.#client.end(callback);
  }
  ref() {}
  unref() {}
}

type PoolClass = new (options: pg.PoolConfig, Client?: unknown) => pg.Pool;

function classOf({ kind }: ContractContext): PoolClass {
  return (kind === "plain" ? pg.Pool : Pool) as unknown as PoolClass;
}

/** The options of a pool by a URL alone. */
function byUrl({ url }: ContractContext, query = ""): pg.PoolConfig {
  const nothing = { host: undefined, port: undefined, user: undefined, password: undefined } as pg.PoolConfig;
  return { ...nothing, connectionString: `${url}${query}` };
}

/** How many connections a pool lends at once. */
async function lends(pool: pg.Pool, callers: number): Promise<number> {
  const asked = await Promise.allSettled(Array.from({ length: callers }, () => pool.connect()));
  const clients = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  for (const client of clients) client.release();
  return clients.length;
}

async function nameOf(queryable: { query(sql: string): Promise<pg.QueryResult> }): Promise<unknown> {
  return (await queryable.query("select current_setting('application_name') as name")).rows[0].name;
}

export const options: readonly Behaviour[] = [
  {
    what: "the second argument of the constructor names the class of the clients, but for the option",
    async see(context) {
      const Pool = classOf(context);
      const options = context.options();
      const pools = [new Pool(options, Own), new Pool({ ...options, Client: Own as never }, Renamed)];
      const seen = [];
      for (const pool of pools) {
        const client = await pool.connect();
        seen.push(client instanceof Own, pool.Client === Own);
        client.release();
        await pool.end();
      }
      return seen;
    },
    plain: [false, false, true, true],
    ours: [true, true, true, true],
    why: "A Client class extends pg.Client",
  },
  {
    what: "poolSize stands for max where that is not given",
    see: async (context) =>
      [
        { poolSize: 3, max: undefined },
        { poolSize: 3, max: 4 },
      ].map((given) => context.pool({ ...given, min: 0 } as pg.PoolConfig).options.max),
    both: [3, 4],
  },
  {
    what: "options that are assigned at run time: max, more and fewer; the time to wait; a hook; the password",
    async see(context) {
      const pool = context.pool({ max: 1, min: 1, connectionTimeoutMillis: 300 });
      const { options } = pool;
      const seen: unknown[] = [await lends(pool, 3)];
      options.max = 3;
      options.connectionTimeoutMillis = 3_000;
      seen.push(options.max, await lends(pool, 3));
      let opened = 0;
      options.onConnect = () => {
        opened++;
      };
      for (const client of await Promise.all([pool.connect(), pool.connect(), pool.connect()]))
        client.release(true);
      await pool.query("select 1");
      seen.push(opened > 0);
      options.password = "wrong"; // for connections that are opened from now on
      options.max = 1;
      return [...seen, options.max, Object.keys(options).includes("password")];
    },
    both: [1, 3, 3, true, 1, false],
  },
  {
    what: "a client made of a pool's options and the password goes where the pool's go",
    async see(context) {
      const seen = [];
      for (const given of [context.options(), byUrl(context)]) {
        const pool = context.pool({ ...given, application_name: "mine" });
        const { password } = context.options();
        const client = new pg.Client({ ...pool.options, password } as pg.ClientConfig);
        await client.connect();
        seen.push(await nameOf(client), client.database === context.options().database);
        await client.end();
      }
      return seen;
    },
    both: ["mine", true, "mine", true],
  },
  {
    what: "a pool made of another pool's options",
    async see(context) {
      const first = context.pool({ application_name: "mine", maxLifetimeSeconds: 90 });
      const Pool = classOf(context);
      const made = [new Pool(first.options), new Pool({ ...first.options })];
      const [copy] = made;
      const { password } = context.options();
      const seen: unknown[][] = made.map(({ options }) => [
        options.maxLifetimeSeconds,
        options.password === password,
      ]);
      seen.unshift([await nameOf(copy as pg.Pool)]);
      await Promise.all(made.map((pool) => pool.end()));
      return seen;
    },
    both: [["mine"], [90, true], [90, false]],
  },
  {
    what: "a Client class that hands on a copy of its options, for a pool by URL",
    see: (context) => nameOf(context.pool({ ...byUrl(context), Client: Renamed as never })),
    both: "renamed",
  },
  {
    what: "connectionTimeoutMillis: 0",
    async see(context) {
      const pool = context.pool({ max: 1, connectionTimeoutMillis: 0 });
      const client = await pool.connect();
      setTimeout(() => client.release(), 100);
      const served = (await pool.query("select 1 as one")).rows;
      return [served, pool.options.connectionTimeoutMillis];
    },
    both: [[{ one: 1 }], 0],
  },
  {
    what: "a Client class that is no pg.Client",
    see: async (context) =>
      outcome(context.pool({ Client: Wrapped as never }).query("select 1 as one")).then((seen) =>
        typeof seen === "string" ? seen.replace(/^.*\n.*- (Client: [^(]*) .*$/s, "$1") : "served",
      ),
    plain: "served",
    ours: "Client: what the class makes is no pg.Client",
    why: "A Client class extends pg.Client",
  },
  {
    what: "what a connection string says of the pool, and a parameter that nobody knows",
    async see(context) {
      const { options } = context.pool({
        ...byUrl(context, "?connection_limit=3&pool_timeout=7"),
        max: undefined,
        connectionTimeoutMillis: undefined,
      } as pg.PoolConfig);
      const seen = [options.max, options.connectionTimeoutMillis, options.connectionString !== undefined];
      try {
        context.pool(byUrl(context, "?no_such_parameter=1"));
        return [...seen, "taken"];
      } catch (error) {
        return [...seen, messageOf(error).includes("no_such_parameter")];
      }
    },
    plain: [10, undefined, true, "taken"],
    ours: [3, 7_000, false, true],
    why: "A connection string is read as DATABASE_URL is",
  },
  {
    what: "more callers than ten times max",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const codes = await Promise.all(Array.from({ length: 13 }, () => codeOf(pool.query("select 1"))));
      return new Set(codes);
    },
    plain: new Set(["no error"]),
    ours: new Set(["no error", "POOL_SATURATED"]),
    why: "A caller is refused where many wait already",
  },
  {
    what: "the deadline of a statement by default, and none for one statement",
    async see(context) {
      const { options } = context.pool();
      const pool = context.pool({ queryTimeoutMs: 100 } as pg.PoolConfig);
      const slow = { text: "select pg_sleep(0.3)", query_timeout: 0 } as pg.QueryConfig;
      const seen = await outcome(pool.query(slow).then(() => "no limit"));
      return [Reflect.get(options, "queryTimeoutMs"), seen];
    },
    plain: [undefined, "no limit"],
    ours: [30_000, "no limit"],
    why: "A statement has a deadline",
  },
];
