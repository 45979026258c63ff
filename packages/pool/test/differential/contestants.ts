import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { Pool } from "../../src/pool.ts";
import { type Database, drizzleSchema } from "./drizzle-calls.ts";

export type QueryArguments = [config: string | object, values?: unknown[]];

type Listener = (message: Record<string, unknown>) => void;

export interface ContestantClient {
  query(...call: QueryArguments): Promise<unknown>;
  on(event: "notice" | "notification", listener: Listener): unknown;
  off(event: "notice" | "notification", listener: Listener): unknown;
  release(): unknown;
}

export interface Contestant {
  query(...call: QueryArguments): Promise<unknown>;
  connect(): Promise<ContestantClient>;
  readonly db: Database;
  /** Waits until what was given back can be used again. */
  settled(): Promise<void>;
  end(): Promise<void>;
}

const SIZE = { max: 2, min: 0, connectionTimeoutMillis: 20_000 };

export function ourContestant(options: pg.PoolConfig): Contestant {
  const pool = new Pool({ ...options, ...SIZE, idleTimeoutMillis: 600_000 } as never);
  const { db } = drizzleOverPool(() => pool, drizzleSchema);
  return {
    query: (...call) => pool.query(...(call as [string])),
    connect: () => pool.connect() as unknown as Promise<ContestantClient>,
    db,
    settled: async () => {},
    end: () => pool.end(),
  };
}

/**
 * A pg.Pool, without what is intended to be different: its sessions are made anew behind each holder, and no statement has a
 * name, so that each means what it means when it is executed. Its own class, as Drizzle looks for "Pool" in the name.
 */
class ReferencePool {
  readonly #pool: pg.Pool;
  readonly #renewing = new Set<Promise<void>>();

  constructor(options: pg.PoolConfig) {
    this.#pool = new pg.Pool({ ...options, ...SIZE, idleTimeoutMillis: 0 });
    this.#pool.on("error", () => {});
  }

  async connect(): Promise<ContestantClient> {
    const client = await this.#pool.connect();
    const held: Held = { changed: false, failed: false };
    return {
      query: async (...call) => {
        const text = typeof call[0] === "string" ? call[0] : String(Reflect.get(call[0], "text"));
        held.changed ||= !LEAVES_NOTHING.test(text);
        held.failed = true;
        const result = await client.query(...unnamed(call));
        held.failed = false;
        return result;
      },
      on: (event, listener) => client.on(event as "notice", listener as never),
      off: (event, listener) => client.off(event, listener),
      release: () => {
        const renewed = renew(client, held).finally(() => this.#renewing.delete(renewed));
        this.#renewing.add(renewed);
      },
    };
  }

  async query(...call: QueryArguments): Promise<unknown> {
    const client = await this.connect();
    try {
      return await client.query(...call);
    } finally {
      client.release();
      await this.settled();
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#renewing);
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

export function referenceContestant(options: pg.PoolConfig): Contestant {
  const pool = new ReferencePool(options);
  return {
    query: (...call) => pool.query(...call),
    connect: () => pool.connect(),
    db: drizzle(pool as never, { schema: drizzleSchema }),
    settled: () => pool.settled(),
    end: () => pool.end(),
  };
}

/** What a holder has done to its session, as far as it matters. */
interface Held {
  changed: boolean;
  failed: boolean;
}

function unnamed([config, values]: QueryArguments): [string, unknown[]] {
  if (typeof config !== "object" || !("name" in config)) return [config as string, values as unknown[]];
  return [{ ...config, name: undefined, queryMode: "extended" } as never, values as unknown[]];
}

/** Statements behind which a session is as it was. */
const LEAVES_NOTHING =
  /^(select|insert|update|delete|values|table)\b(?!.*\b(into temp|set_config|pg_advisory_lock)\b)/;

/** Makes a session anew where its holder may have changed it. */
async function renew(client: pg.PoolClient, { changed, failed }: Held): Promise<void> {
  try {
    // pg tells an error before the ReadyForQuery that says whether a transaction is open.
    if (failed) await client.query("");
    if (client.getTransactionStatus() !== "I") return client.release(true);
    if (changed) await client.query("discard all");
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}
