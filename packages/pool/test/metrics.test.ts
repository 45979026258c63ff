import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import {
  createMetricsHandler,
  eventLoopFamilies,
  type MetricFamily,
  poolFamilies,
  poolMetrics,
  renderMetrics,
} from "../src/http.ts";
import { SingleClientPool } from "../src/single-client/single-client-pool.ts";
import { DurationHistogram } from "../src/telemetry/histogram.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const POOL = 'db_client_connection_pool_name="pool"';

test("a scrape tells what the pool does and has done, each name once", async () => {
  const pool = database.pool({ max: 1 });
  await expect(pool.query("select 1/0")).rejects.toThrow();
  const held = await pool.acquire();
  await expect(pool.acquire({ timeoutMs: 20 })).rejects.toThrow();
  const waiting = pool.acquire();
  const lines = poolMetrics(pool).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "# TYPE db_client_connection_count gauge",
      `db_client_connection_count{${POOL},db_client_connection_state="idle"} 0`,
      `db_client_connection_count{${POOL},db_client_connection_state="used"} 1`,
      `db_client_connection_limit{${POOL}} 1`,
      `db_client_connection_pending_requests{${POOL}} 1`,
      `db_client_connection_timeouts_total{${POOL}} 1`,
      "# TYPE db_client_connection_wait_time_seconds histogram",
      `db_client_connection_wait_time_seconds_bucket{${POOL},le="+Inf"} 2`,
      `db_client_connection_wait_time_seconds_count{${POOL}} 2`,
      `db_client_operation_duration_seconds_count{${POOL}} 1`,
      `openhouse_pool_statement_errors_total{${POOL},kind="data"} 1`,
      `openhouse_pool_statement_errors_total{${POOL},kind="timeout"} 0`,
      `openhouse_pool_created_total{${POOL}} 1`,
    ]),
  );
  const names = lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
  expect(new Set(names).size).toBe(names.length);
  held.release();
  (await waiting).release();
});

test("buckets hold all that is shorter, in the conventional bounds, in seconds", () => {
  const durations = new DurationHistogram();
  for (const durationMs of [0.3, 1, 3, 700, 20_000]) durations.record(durationMs);
  const family = { name: "t_seconds", type: "histogram", help: "Times." } as const;
  expect(renderMetrics([{ ...family, samples: [{ labels: {}, value: durations.snapshot() }] }])).toBe(
    [
      "# HELP t_seconds Times.",
      "# TYPE t_seconds histogram",
      't_seconds_bucket{le="0.001"} 2',
      ...["0.005", "0.01", "0.05", "0.1", "0.5"].map((bound) => `t_seconds_bucket{le="${bound}"} 3`),
      ...["1", "5", "10"].map((bound) => `t_seconds_bucket{le="${bound}"} 4`),
      't_seconds_bucket{le="+Inf"} 5',
      "t_seconds_sum 20.7043",
      "t_seconds_count 5",
      "",
    ].join("\n"),
  );
});

test("pools of one process stand under one name, told apart by theirs, whatever that is", () => {
  const pools = [database.pool({ max: 3 }), database.pool({ max: 4 })];
  const names = ["one", 'the "other"\\\n'];
  const text = renderMetrics(pools.flatMap((pool, index) => poolFamilies(pool, names[index])));
  const most = text.split("\n").filter((line) => line.includes("db_client_connection_limit"));
  expect(most.slice(1)).toEqual([
    "# TYPE db_client_connection_limit gauge",
    'db_client_connection_limit{db_client_connection_pool_name="one"} 3',
    'db_client_connection_limit{db_client_connection_pool_name="the \\"other\\"\\\\\\n"} 4',
  ]);
});

test("a scrape takes a millisecond at most, and no connection", async () => {
  const pool = database.pool();
  for (let scrape = 0; scrape < 300; scrape++) poolMetrics(pool);
  const tookMs = Array.from({ length: 50 }, () => {
    const startedAtMs = performance.now();
    poolMetrics(pool);
    return performance.now() - startedAtMs;
  }).sort((one, other) => one - other);
  expect(tookMs[25]).toBeLessThan(1);
  expect(pool.getTotals().created).toBe(0);
});

test("the single client has the figures of the moment", async () => {
  const pool = database.keep(new SingleClientPool(database.options()));
  await pool.query("select 1");
  const text = poolMetrics(pool, "rollback");
  expect(text).toContain("db_client_connection_limit");
  expect(text).not.toContain("counter");
});

test("no tenant, no text of a statement and no value is in a scrape", async () => {
  const pool = database.pool();
  const secrets = ["a-tenant", "a_column", "a-value"];
  await pool.query("select set_config('app.tenant_id', $1, false)", [secrets[0]]);
  await expect(pool.query(`select ${secrets[1]} from nowhere where x = $1`, [secrets[2]])).rejects.toThrow();
  const text = poolMetrics(pool);
  for (const secret of secrets) expect(text).not.toContain(secret);
});

/** What there is to tell of the loop, once it has been looked at. */
function eventLoop(): Promise<MetricFamily[]> {
  const families = () => {
    const read = eventLoopFamilies();
    return read.length > 0 && read;
  };
  return waitFor(families, { what: "the event loop to have been looked at" });
}

test("a blocked event loop shows in the next scrape, and in that alone", async () => {
  const max = async () =>
    (await eventLoop()).find(({ name }) => name.endsWith("max_seconds"))?.samples[0]?.value;
  await max();
  await sleep(60); // what looks at the loop begins anew after a scrape
  const until = performance.now() + 300;
  while (performance.now() < until);
  await sleep(60); // and to look at what has been
  expect(await max()).toBeGreaterThan(0.2);
  await waitFor(async () => Number(await max()) < 0.2, { what: "the loop to be free" });
});

test("looking at the event loop keeps no process", async () => {
  const url = new URL("../src/http.ts", import.meta.url);
  const code = `import(${JSON.stringify(url.href)}).then(({ eventLoopFamilies }) => eventLoopFamilies())`;
  await promisify(execFile)(process.execPath, ["--import", "tsx", "-e", code], { timeout: 20_000 });
});

const scrape = (authorization?: string, method = "GET") =>
  new Request("http://localhost/api/metrics", { method, headers: authorization ? { authorization } : {} });

test("who shows the token reads, and nobody else, from wherever they ask", async () => {
  const handler = createMetricsHandler({ render: () => "x 1\n", token: () => "s3cret", isLocal: () => true });
  for (const wrong of [
    undefined,
    "s3cret",
    "Bearer",
    "Bearer ",
    "Bearer s3cre",
    "Basic s3cret",
    "Bearer s3cret2",
  ]) {
    const response = await handler(scrape(wrong));
    expect([response.status, response.headers.get("www-authenticate"), await response.text()]).toEqual([
      401,
      "Bearer",
      "",
    ]);
  }
  const response = await handler(scrape("Bearer s3cret"));
  expect([response.status, await response.text()]).toEqual([200, "x 1\n"]);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await (await handler(scrape("bearer s3cret", "HEAD"))).text()).toBe("");
});

test("without a token this machine reads, and where nobody knows who asks, nobody does", async () => {
  const render = () => "x 1\n";
  const open = { render, token: () => undefined };
  expect((await createMetricsHandler({ ...open, isLocal: () => true })(scrape())).status).toBe(200);
  expect((await createMetricsHandler({ ...open, isLocal: () => false })(scrape())).status).toBe(403);
  expect((await createMetricsHandler(open)(scrape("Bearer undefined"))).status).toBe(403);
  expect((await createMetricsHandler({ render, token: () => "" })(scrape())).status).toBe(403);
});
