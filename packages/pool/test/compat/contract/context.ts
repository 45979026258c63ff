import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { Pool } from "../../../src/pool.ts";
import { Client } from "../../../src/query/client.ts";
import { optionsFor } from "../../support/options.ts";

/** What a behaviour is tried on: pools of one of the two kinds, and the server they talk to. */
export interface ContractContext {
  readonly kind: "plain" | "ours";
  readonly url: string;
  /** At most two connections, none kept; whatever is given goes over it. */
  pool(options?: pg.PoolConfig): pg.Pool;
  options(): pg.PoolConfig;
  /** Ends the backend of a connection, as an administrator would. */
  kill(client: pg.ClientBase): Promise<void>;
  execute(sql: string): Promise<void>;
}

/** One row of the contract: something to try, and what is seen of it. */
export type Behaviour = { readonly what: string; see(context: ContractContext): Promise<unknown> } & (
  | { readonly both: unknown }
  /** `why` is a heading of docs/PG_POOL_DIFFERENCES.md. */
  | { readonly plain: unknown; readonly ours: unknown; readonly why: string }
);

export async function inWorld<T>(
  kind: ContractContext["kind"],
  url: string,
  work: (context: ContractContext) => Promise<T>,
): Promise<T> {
  const options: pg.PoolConfig = optionsFor(url);
  const pools: pg.Pool[] = [];
  const administrator = new Client(options as pg.ClientConfig);
  let connected: Promise<unknown> | undefined;
  const administer = async (sql: string, values: unknown[] = []) => {
    connected ??= administrator.connect();
    await connected;
    await administrator.query(sql, values);
  };
  try {
    const seen = await work({
      kind,
      url,
      options: () => ({ ...options }),
      pool(own = {}) {
        const all = { ...options, max: 2, min: 0, connectionTimeoutMillis: 3_000, ...own };
        const pool = kind === "plain" ? new pg.Pool(all) : new Pool(all);
        pools.push(pool);
        return pool;
      },
      kill: (client) => administer("select pg_terminate_backend($1)", [Reflect.get(client, "processID")]),
      execute: (sql) => administer(sql),
    });
    return asSeen(seen);
  } finally {
    await Promise.all(pools.map((pool) => pool.end().catch(() => {})));
    if (connected !== undefined) await administrator.end();
  }
}

/** What was seen so far: closing the pools makes events of its own. */
function asSeen<T>(seen: T): T {
  return Array.isArray(seen) ? (seen.map(asSeen) as T) : seen;
}

type Event = "connect" | "acquire" | "release" | "remove" | "error";

/** Writes down a pool's events with their arguments; clients are named in the order of their appearance. */
export function record(pool: pg.Pool, { counts = false } = {}): unknown[] {
  const clients: unknown[] = [];
  const seen: unknown[] = [];
  const named = (value: unknown) => {
    if (value instanceof pg.Client) {
      if (!clients.includes(value)) clients.push(value);
      return `client ${clients.indexOf(value) + 1}`;
    }
    return value instanceof Error ? messageOf(value) : value;
  };
  for (const event of ["connect", "acquire", "release", "remove", "error"] satisfies Event[]) {
    (pool as NodeJS.EventEmitter).on(event, (...values: unknown[]) => {
      seen.push([event, ...values.map(named), ...(counts ? [countsOf(pool)] : [])]);
    });
  }
  return seen;
}

export function countsOf({ totalCount, idleCount, waitingCount }: pg.Pool): string {
  return `${totalCount} in all, ${idleCount} idle, ${waitingCount} waiting`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A promise's value, or the message of its error. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error) => messageOf(error),
  );
}

export function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "no error",
    (error) => Reflect.get(error, "code"),
  );
}

/** What a callback is called with. */
export function called<T extends unknown[]>(call: (callback: (...values: T) => void) => unknown): Promise<T> {
  return new Promise((resolve) => {
    call((...values) => resolve(values));
  });
}

/** A client of a pool whose `connectionTimeoutMillis` is for waiting: on a busy machine, connecting may take longer. */
export function firstClient(pool: pg.Pool): Promise<pg.PoolClient> {
  return waitFor(() => pool.connect(), { timeoutMs: 10_000, what: "the first connection" });
}

export async function backend(queryable: {
  query(sql: string): Promise<pg.QueryResult<{ pid: number }>>;
}): Promise<number | undefined> {
  return (await queryable.query("select pg_backend_pid() as pid")).rows[0]?.pid;
}

/** Lets everything run that needs no I/O. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
