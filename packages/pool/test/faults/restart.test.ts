import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { classifyError } from "../../src/errors/classify.ts";
import { AcquireTimeoutError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { RetryBudget, withRetry } from "../../src/retry.ts";
import { startWriters } from "./support/ledger.ts";
import { useOwnServer } from "./support/own-server.ts";

const own = useOwnServer();
const MAX = 6;

beforeEach(async () => {
  const pool = own.pool();
  await pool.query("create table if not exists ledger (id int not null); truncate ledger");
  await pool.end(); // a server in smart shutdown waits for everybody
});

/** Waits until the server refuses newcomers. */
async function untilRefused(): Promise<void> {
  const refused = async () => {
    const client = new pg.Client({ connectionString: own.server().url });
    client.on("error", () => {});
    const error: unknown = await client.connect().catch((caught) => caught);
    await client.end();
    return error !== undefined;
  };
  await waitFor(refused, { what: "the server to refuse new connections" });
}

const RESTARTS: Record<string, (pool: Pool) => Promise<void>> = {
  /** The server waits until everybody has left by themselves; that it does, the pool learns when it connects. */
  async smart(pool) {
    // Without a minimum to keep, a pool that is quick enough with those it has opens none in the place of one that is gone.
    await pool.warmUp();
    const restarted = own.server().restart("smart");
    await untilRefused();
    (await pool.connect()).release(true);
    await restarted;
  },
  fast: () => own.server().restart("fast"),
  immediate: () => own.server().restart("immediate"),
  async "kill -9"() {
    await own.server().kill();
    await own.server().restart();
  },
};

describe("a server that restarts under load", () => {
  test.each(Object.entries(RESTARTS))("%s", async (mode, restart) => {
    const limits = { connectionTimeoutMillis: 20_000, queryTimeoutMs: 5_000 };
    const pool = own.pool({ max: MAX, min: mode === "smart" ? MAX : 0, ...limits });
    const load = startWriters(pool, 2 * MAX);
    await waitFor(() => load.acknowledged > 200, { what: "load" });

    await restart(pool);
    const before = load.acknowledged;
    await waitFor(() => load.acknowledged > before + 200, {
      timeoutMs: 15_000,
      what: "load after the restart",
    });
    await load.stop();

    // Who was at work may hear of it; nobody fails for want of a connection.
    const kinds = new Set(load.failures().map((error) => classifyError(error).kind));
    kinds.delete("connection_lost");
    kinds.delete("shutting_down");
    expect([...kinds]).toEqual([]);
    expect(load.failures().length).toBeLessThanOrEqual(mode === "smart" ? 0 : 2 * MAX);

    await waitFor(() => pool.getStats().closingCount === 0, { what: "what was cut to be gone" });
    const { totalCount, idleCount, usedCount, waitingCount } = pool.getStats();
    expect({ idleCount, usedCount, waitingCount }).toEqual({
      idleCount: totalCount,
      usedCount: 0,
      waitingCount: 0,
    });
    expect(await load.wrong()).toEqual([]);
  });
});

test("connecting is retried with backoff inside the caller's own deadline", async () => {
  const pool = own.pool({ max: 2 });
  await own.server().kill();
  const patient = [1, 2, 3].map(() => pool.acquire({ timeoutMs: 25_000 }));
  const hasty = [1, 2, 3].map(() => pool.acquire({ timeoutMs: 300 }).catch((error) => error));
  for (const error of await Promise.all(hasty)) {
    expect(error).toBeInstanceOf(AcquireTimeoutError);
    expect(error).toMatchObject({ cause: { code: "ECONNREFUSED" } });
  }
  await own.server().restart();
  for (const client of patient) {
    expect((await (await client).query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    (await client).release();
  }
});

describe("a statement that was sent is never replayed", () => {
  test.each(["pool.query", "withRetry"])("by %s", async (by) => {
    const { pool, proxy } = await own.proxied({ max: 2 });
    await pool.query("select 1");
    const insert = () => pool.query("insert into ledger values (1)");
    proxy.cutAfter("insert into ledger");
    const failed = by === "withRetry" ? withRetry(insert, new RetryBudget()) : insert();
    await expect(failed).rejects.toSatisfy((error) => classifyError(error).kind === "connection_lost");
    expect((await pool.query("select id from ledger")).rows).toEqual([{ id: 1 }]);
  });

  test("unless its caller says that it is idempotent", async () => {
    const { pool, proxy } = await own.proxied({ max: 2 });
    await pool.query("select 1");
    proxy.cutAfter("insert into ledger");
    const insert = () =>
      pool.query("insert into ledger select 2 where not exists (select from ledger where id = 2)");
    await withRetry(insert, new RetryBudget(), { idempotent: true });
    expect((await pool.query("select id from ledger")).rows).toEqual([{ id: 2 }]);
  });
});
