import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { backendPid, settled } from "../support/pools.ts";
import { childrenOf, useFreezer } from "./support/freezer.ts";
import { useOwnServer } from "./support/own-server.ts";

const own = useOwnServer();
const { freeze, thaw } = useFreezer();

/** Long enough for every timer of the pool that a frozen server might set off, the shortest acquire deadline excepted. */
const FROZEN_MS = 2_500;

/** The postmaster first: it would start others meanwhile. */
function freezeServer(): void {
  const { pid } = own.server();
  freeze(pid);
  freeze(...childrenOf(pid));
}

test("callers who wait are served when the server goes on, and nothing fails", async () => {
  const pool = own.pool({ max: 4, connectionTimeoutMillis: 10_000 });
  const [running, ...waiting] = await Promise.all([1, 2].map(() => pool.connect()));
  freezeServer();
  const statement = running?.query("select 'held' as it");
  const queued = Array.from({ length: 10 }, () => pool.query("select 'queued' as it"));
  for (const client of waiting) client.release(true);
  await sleep(FROZEN_MS);
  thaw();
  expect((await statement)?.rows).toEqual([{ it: "held" }]);
  running?.release();
  for (const { rows } of await Promise.all(queued)) expect(rows).toEqual([{ it: "queued" }]);
  await waitFor(() => pool.idleCount === pool.totalCount, { what: "everything to be idle" });
  expect(pool.getTotals()).toMatchObject({ timeouts: 0, shed: 0 });
});

test("a statement ends at its deadline, and the pool serves again when the server goes on", async () => {
  const pool = own.pool({ max: 2, queryTimeoutMs: 200, connectionTimeoutMillis: 10_000 });
  await Promise.all([1, 2].map(() => pool.query("select pg_sleep(0.02)")));
  freezeServer();
  const startedAtMs = performance.now();
  const outcomes = await Promise.all(
    [1, 2].map(() => pool.query("select 1").catch((error: unknown) => error)),
  );
  expect(performance.now() - startedAtMs).toBeLessThan(4_000);
  for (const error of outcomes) {
    expect(error).toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: false });
  }
  const waiting = [1, 2, 3].map(() => backendPid(pool));
  thaw();
  expect(await Promise.all(waiting)).toHaveLength(3);
  await waitFor(() => pool.getStats().closingCount === 0, { what: "what was cut to be gone" });
  await settled(pool);
  expect(pool.getStats()).toMatchObject({ usedCount: 0, waitingCount: 0 });
});
