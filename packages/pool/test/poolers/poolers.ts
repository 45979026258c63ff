import {
  createTestDatabase,
  type PgBouncer,
  startPgBouncer,
  type TestDatabase,
} from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { PoolerMode, PoolOptions } from "../../src/config/options.ts";
import { Pool } from "../../src/pool.ts";
import { optionsFor } from "../support/options.ts";

/** How a pool reaches the server. */
export type Way = "direct" | "session" | "transaction";
export const WAYS: readonly Way[] = ["direct", "session", "transaction"];

/** What is said of each. */
const SAID = { direct: "none", session: "session", transaction: "transaction" } as const satisfies Record<
  Way,
  PoolerMode
>;

/** A database, a PgBouncer in each mode with few connections to it, and pools that are ended after each test. */
export function usePoolers() {
  let database: TestDatabase | undefined;
  const poolers = new Map<Way, PgBouncer>();
  const open: { end(): Promise<void> }[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const target = database.url;
    poolers.set("session", await startPgBouncer({ target, mode: "session", poolSize: 20 }));
    poolers.set("transaction", await startPgBouncer({ target, mode: "transaction", poolSize: 3 }));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.end()));
  });
  afterAll(async () => {
    await Promise.all([...poolers.values()].map((each) => each.stop()));
    await database?.drop();
  });

  const url = (way: Way): string => {
    if (database === undefined) throw new Error("the database is made in beforeAll: ask for it in a test");
    return poolers.get(way)?.through(database.url) ?? database.url;
  };
  const keep = <T extends { end(): Promise<void> }>(each: T): T => {
    open.push(each);
    return each;
  };
  return {
    url,
    keep,
    /** A pool that was told what is in between. */
    pool: (way: Way, options: PoolOptions = {}) =>
      keep(new Pool({ ...optionsFor(url(way)), max: 4, min: 0, pooler: SAID[way], ...options })),
  };
}
