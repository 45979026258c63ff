import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { freezeServer } from "@openhouse/tooling/faults/freeze";
import { frozenServer } from "@openhouse/tooling/faults/frozen-server";
import { expect, onTestFinished, test } from "vitest";
import { useOwnServer } from "./support/own-server.ts";

const own = useOwnServer();

/** Long enough for every timer of the pool that a frozen server might set off, the shortest acquire deadline excepted. */
const FROZEN_MS = 2_500;

test("callers who wait are served when the server goes on, and nothing fails", async () => {
  const pool = own.pool({ max: 4, connectionTimeoutMillis: 10_000 });
  const [running, ...waiting] = await Promise.all([1, 2].map(() => pool.connect()));
  const thaw = freezeServer(own.server());
  onTestFinished(thaw);
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
  const outcome = await frozenServer(own.ours());
  expect(outcome).toMatchObject({
    statements: "StatementTimeoutError",
    outcomeKnown: false,
    servedAfterwards: "3 of 3",
    slotsLost: 0,
  });
  expect(outcome.tookMs).toBeLessThan(4_000);
});
