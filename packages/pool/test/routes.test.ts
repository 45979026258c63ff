import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { poolMetrics } from "../src/http.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const routes = new AsyncLocalStorage<string>();
const route = () => routes.getStore();

const countsOf = (pool: ReturnType<typeof database.pool>) =>
  Object.fromEntries(Object.entries(pool.getTotals().routes).map(([name, { run }]) => [name, run.count]));

test("statements, and what fails of them, are counted by the route that asked for their connection", async () => {
  const pool = database.pool({ route });
  await pool.query("select 1");
  await routes.run("/orders/[id]", async () => {
    await pool.query("select 1");
    await expect(pool.query("select 1/0")).rejects.toThrow();
    const client = await pool.connect();
    await client.query("begin");
    await client.query("commit");
    client.release();
  });
  await routes.run("/quick", () => pool.query("select pg_sleep(0.05)"));
  const totals = pool.getTotals().routes;
  expect(countsOf(pool)).toEqual({ "/orders/[id]": 4, "/quick": 1 });
  expect(totals["/orders/[id]"]?.errors).toEqual({ data: 1 });
  expect(totals["/quick"]?.run.sumMs).toBeGreaterThan(45);
});

test("a statement counts for its own route also where another's return has made way for it", async () => {
  const pool = database.pool({ route, max: 1 });
  const held = await routes.run("/holder", () => pool.acquire());
  const waiting = routes.run("/waiter", () => pool.query("select 1"));
  await routes.run("/holder", async () => held.release());
  await waiting;
  expect(countsOf(pool)).toEqual({ "/holder": 0, "/waiter": 1 });
});

test("of more than 64 routes the rest is one, however many there are", async () => {
  const pool = database.pool({ route });
  for (let each = 0; each < 80; each++) await routes.run(`/${each}`, () => pool.query("select 1"));
  const counts = countsOf(pool);
  expect(Object.keys(counts)).toHaveLength(65);
  expect([counts["/63"], counts["/64"], counts.other]).toEqual([1, undefined, 16]);
});

test("whoever cannot tell the route costs nobody a statement", async () => {
  const pool = database.pool({
    route: () => {
      throw new Error("no route");
    },
  });
  await pool.query("select 1");
  expect(countsOf(pool)).toEqual({});
});

test("each route is a label of the scrape, and each has the kinds that any has had", async () => {
  const pool = database.pool({ route });
  await routes.run("/fails", () => pool.query("select 1/0").catch(() => {}));
  await routes.run('/"odd"', () => pool.query("select 1"));
  const text = poolMetrics(pool);
  expect(text).toMatch(/^openhouse_route_statement_errors_total\{.*route="\/fails",kind="data"\} 1$/m);
  expect(text).toMatch(/^openhouse_route_statement_errors_total\{.*route="\/\\"odd\\"",kind="data"\} 0$/m);
  expect(text).toMatch(/^openhouse_route_statement_duration_seconds_count\{.*route="\/fails"\} 1$/m);
});
