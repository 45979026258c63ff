import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { observePool } from "../src/otel.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}

  /** `name{pool,state} value unit` of all that is observed. */
  async read(): Promise<string[]> {
    const { resourceMetrics, errors } = await this.collect();
    expect(errors).toEqual([]);
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(
          ({ attributes, value }) =>
            `${descriptor.name}{${Object.values(attributes)}} ${value} ${descriptor.unit}`,
        ),
      ),
    );
  }
}

function meter() {
  const reader = new Reader();
  return { reader, meter: new MeterProvider({ readers: [reader] }).getMeter("test") };
}

test("OpenTelemetry collects a pool's connections, waiters and timeouts under its conventions' names", async () => {
  const pool = database.pool({ max: 2, min: 1 });
  const { reader, meter: ours } = meter();
  observePool(ours, pool, "orders");
  const held = await Promise.all([pool.acquire(), pool.acquire()]);
  await expect(pool.acquire({ timeoutMs: 20 })).rejects.toThrow();
  const waiting = pool.acquire();
  const common = [
    "db.client.connection.max{orders} 2 {connection}",
    "db.client.connection.idle.max{orders} 2 {connection}",
    "db.client.connection.idle.min{orders} 1 {connection}",
  ];
  expect(await reader.read()).toEqual([
    "db.client.connection.count{orders,idle} 0 {connection}",
    "db.client.connection.count{orders,used} 2 {connection}",
    ...common,
    "db.client.connection.pending_requests{orders} 1 {request}",
    "db.client.connection.timeouts{orders} 1 {timeout}",
  ]);
  for (const client of held) client.release();
  (await waiting).release();
});

test("two pools are told apart by name, and one is no longer read once that is ended", async () => {
  const { reader, meter: ours } = meter();
  const [one, two] = [database.pool({ max: 3 }), database.pool({ max: 4 })];
  const stop = observePool(ours, one, "one");
  observePool(ours, two, "two");
  const most = async () =>
    (await reader.read()).filter((line) => line.startsWith("db.client.connection.max"));
  expect(await most()).toEqual([
    "db.client.connection.max{one} 3 {connection}",
    "db.client.connection.max{two} 4 {connection}",
  ]);
  stop();
  for (const pool of [one, two]) pool.resize({ max: 5 });
  // The SDK repeats what it was told last.
  expect(await most()).toEqual([
    "db.client.connection.max{one} 3 {connection}",
    "db.client.connection.max{two} 5 {connection}",
  ]);
});
