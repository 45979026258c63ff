import { expect, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle.ts";
import { PoolSaturatedError } from "../src/errors/errors.ts";
import { scoped } from "../src/tenants.ts";
import { flood, percentile } from "./fleet/flood.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

const FLOOD = { callers: 200, quietTenants: 10, holdMs: 4, durationMs: 800 };

test("a tenant who floods the pool keeps quiet ones waiting for a fraction of what one line would", async () => {
  const pool = database.pool({ max: 5, min: 5, maxWaiting: 1_000 });
  await pool.warmUp();
  const inOneLine = await flood(pool, false, FLOOD);
  const inTurns = await flood(pool, true, FLOOD);
  expect(inOneLine.quietMs.length).toBeGreaterThan(10);
  expect(percentile(inTurns.quietMs, 0.99)).toBeLessThan(percentile(inOneLine.quietMs, 0.99) / 3);
  expect(pool.getTotals()).toMatchObject({ timeouts: 0, shed: 0 });
});

/** One who holds the pool's only connection, and others behind; in which order these are served. */
async function orderOf(
  ask: (pool: ReturnType<typeof database.pool>) => (readonly [string, () => Promise<unknown>])[],
) {
  const pool = database.pool({ max: 1 });
  const holder = await pool.acquire();
  const order: string[] = [];
  const served = ask(pool).map(([name, work]) => work().then(() => order.push(name)));
  holder.release();
  await Promise.all(served);
  return order;
}

const APP_TENANT = "app.tenant_id";

test("statements, transactions and batches of a scope take turns with those of another, and those without a scope too", async () => {
  const order = await orderOf((pool) => {
    const [a, b] = ["a", "b"].map((id) => scoped(pool, { role: "none", [APP_TENANT]: id, "app.route": "/" }));
    if (a === undefined || b === undefined) throw new Error("there are two");
    const db = drizzleOverPool(() => pool, {}).scoped({ [APP_TENANT]: "c" });
    return [
      ["a1", () => a.query("select 1")],
      ["a2", () => a.transaction((tx) => tx.query("select 1"))],
      ["a3", () => a.batch(["select 1"])],
      ["b1", () => b.transaction((tx) => tx.query("select 1"))],
      ["-1", () => pool.query("select 1")],
      ["-2", () => pool.query("select 1")],
      ["c1", () => db.execute("select 1")],
      ["b2", () => b.batch(["select 1"])],
    ];
  });
  expect(order).toEqual(["a1", "b1", "-1", "c1", "a2", "b2", "-2", "a3"]);
});

test("one tenant alone, or none, is served first come, first served", async () => {
  const order = await orderOf((pool) => {
    const tenant = scoped(pool, { [APP_TENANT]: "a" });
    return ["1", "2", "3", "4"].map((name) => [name, () => tenant.query("select 1")] as const);
  });
  expect(order).toEqual(["1", "2", "3", "4"]);
});

test("a scope of the server's own settings alone is nobody's", async () => {
  const order = await orderOf((pool) => {
    const utc = scoped(pool, { TimeZone: "UTC" });
    const cet = scoped(pool, { TimeZone: "CET" });
    return [
      ["utc1", () => utc.query("select 1")],
      ["utc2", () => utc.query("select 1")],
      ["cet1", () => cet.query("select 1")],
    ];
  });
  expect(order).toEqual(["utc1", "utc2", "cet1"]);
});

test("where the queue is full, the last of whom it is full of makes room for another tenant's first", async () => {
  const pool = database.pool({ max: 1, maxWaiting: 4 });
  const holder = await pool.acquire();
  const outcomes: string[] = [];
  const ask = (tenant: string, name: string) =>
    pool.acquire({ tenant }).then(
      (client) => {
        outcomes.push(name);
        client.release();
      },
      (error) => outcomes.push(`${name} ${error instanceof PoolSaturatedError ? "refused" : error}`),
    );
  const asked = [
    ...["a1", "a2", "a3", "a4", "a5"].map((name) => ask("a", name)),
    ...["b1", "b2", "b3"].map((name) => ask("b", name)),
  ];
  await expect
    .poll(() => outcomes)
    .toEqual(["a5 refused", "a4 refused", "a3 refused", "b3 refused"].sort(byTurn));
  expect(pool.getStats().waitingCount).toBe(4);
  expect(pool.getTotals()).toMatchObject({ shed: 4, timeouts: 0 });
  holder.release();
  await Promise.all(asked);
  expect(outcomes.slice(4)).toEqual(["a1", "b1", "a2", "b2"]);
});

/** As they came: refusals are told in the order in which they were decided. */
function byTurn(one: string, other: string): number {
  const turns = ["a5", "a4", "a3", "b3"];
  return turns.indexOf(one.slice(0, 2)) - turns.indexOf(other.slice(0, 2));
}

test("the oldest waiter is whoever came first, not whose turn it is", async () => {
  const pool = database.pool({ max: 1 });
  const holder = await pool.acquire();
  const [first, second] = [pool.acquire({ tenant: "a" }), pool.acquire({ tenant: "a" })];
  await expect.poll(() => pool.oldestWaiterMs).toBeGreaterThan(20);
  const other = pool.acquire({ tenant: "b" });
  holder.release();
  const client = await first;
  expect(pool.oldestWaiterMs).toBeGreaterThan(20);
  client.release();
  (await other).release();
  (await second).release();
});
