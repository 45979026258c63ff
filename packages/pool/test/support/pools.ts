import { createTestDatabase, startFaultProxy, type TestDatabase, waitFor } from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import { Pool } from "../../src/pool.ts";
import { Client } from "../../src/query/client.ts";
import { optionsFor } from "./options.ts";

export { backendPid } from "@openhouse/tooling/faults/observe";

/** One database for the tests of a file, and pools on it that are ended after each test. */
export function useDatabase() {
  let database: TestDatabase | undefined;
  const open: { end(): Promise<void> }[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.end()));
  });
  afterAll(async () => {
    await database?.drop();
  });

  const url = () => {
    if (database === undefined) throw new Error("the database is made in beforeAll: ask for it in a test");
    return database.url;
  };
  const keep = <T extends { end(): Promise<void> }>(each: T): T => {
    open.push(each);
    return each;
  };
  return {
    url,
    options: () => optionsFor(url()),
    /** For the faults that are also run on a plain pool. */
    ours: () => ({ kind: "ours" as const, url: url() }),
    keep,
    /** A pool with a small, quiet default. */
    pool: (options: PoolOptions = {}) => keep(new Pool({ ...optionsFor(url()), max: 2, min: 0, ...options })),
    /** A connection of its own, to look at the server and to do it harm. */
    async observer(): Promise<Client> {
      const client = new Client(optionsFor(url()));
      await client.connect();
      return keep(client);
    },
    /** A pool whose network can be broken. */
    async proxied(options: PoolOptions = {}) {
      const { host = "", port = 0 } = optionsFor(url());
      const proxy = await startFaultProxy({ host, port });
      const pool = keep(
        new Pool({ ...optionsFor(url()), max: 2, min: 0, ...options, host: "127.0.0.1", port: proxy.port }),
      );
      open.push({ end: () => proxy.close() });
      return { pool, proxy };
    },
  };
}

/** Waits until nobody holds a connection. One that came back after an error, or after long, is looked at before it is idle. */
export async function settled(pool: Pool): Promise<void> {
  await waitFor(() => pool.getStats().usedCount === 0, { what: "every connection to be idle" });
}
