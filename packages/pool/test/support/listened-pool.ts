import { waitFor } from "@openhouse/pool-testing";
import type { PoolOptions } from "../../src/config/options.ts";
import { optionsFor } from "./options.ts";
import type { useDatabase } from "./pools.ts";
import { startRecordingProxy } from "./recording-proxy.ts";

/** What the settings of a scope are on the wire, and a statement, the first time. */
export const SETTINGS = "Parse Bind Execute";
export const STATEMENT = "Parse Bind Describe Execute";

/** A pool of one connection, which is open and listened to. */
export async function listenedPool(database: ReturnType<typeof useDatabase>, options: PoolOptions = {}) {
  const { host = "", port = 0 } = optionsFor(database.url());
  const proxy = await startRecordingProxy({ host, port });
  const pool = database.pool({ max: 1, ...options, host: "127.0.0.1", port: proxy.port });
  database.keep({ end: async () => proxy.close() });
  await pool.warmUp();
  (await pool.acquire()).release();
  /** What a piece of work says on the wire, until the server is ready again. */
  const said = async (work: () => Promise<unknown>): Promise<string[]> => {
    proxy.take();
    await work().catch(() => {});
    await waitFor(() => /Ready\(.\)$/.test(proxy.last), { what: "the server to be ready" });
    return proxy.take();
  };
  return { pool, proxy, said };
}
