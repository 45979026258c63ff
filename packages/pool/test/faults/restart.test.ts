import { createLedger } from "@openhouse/tooling/faults/ledger";
import { observing } from "@openhouse/tooling/faults/observe";
import { MAX, RESTARTS, restart } from "@openhouse/tooling/faults/restart";
import { beforeEach, describe, expect, test } from "vitest";
import { classifyError } from "../../src/errors/classify.ts";
import { AcquireTimeoutError } from "../../src/errors/errors.ts";
import { RetryBudget, withRetry } from "../../src/retry.ts";
import { useOwnServer } from "./support/own-server.ts";

const own = useOwnServer();

beforeEach(() => observing(own.ours(), createLedger));

describe("a server that restarts under load", () => {
  test.each(Object.keys(RESTARTS) as (keyof typeof RESTARTS)[])("%s", async (mode) => {
    const { failures, kinds, ...outcome } = await restart(own.ours(), mode);
    expect(outcome).toMatchObject({ servedAfterwards: true, slotsLost: 0, wrongEntries: 0 });
    // Who was at work may hear of it; nobody fails for want of a connection.
    expect(failures).toBeLessThanOrEqual(mode === "smart" ? 0 : 2 * MAX);
    expect(kinds).toMatch(/^(none|connection_lost|shutting_down|connection_lost, shutting_down)$/);
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
