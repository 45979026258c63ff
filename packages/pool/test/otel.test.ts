import { context, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { DataPointType, MeterProvider, type MetricProducer, MetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { afterAll, beforeAll, expect, test } from "vitest";
import { observePool, observeServers, observeStatements, poolTimes } from "../src/otel.ts";
import { scoped } from "../src/tenants.ts";
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

function meter(metricProducers: MetricProducer[] = []) {
  const reader = new Reader({ metricProducers });
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
    "db.client.connection.limit{orders} 2 {connection}",
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
    (await reader.read()).filter((line) => line.startsWith("db.client.connection.limit"));
  expect(await most()).toEqual([
    "db.client.connection.limit{one} 3 {connection}",
    "db.client.connection.limit{two} 4 {connection}",
  ]);
  stop();
  for (const pool of [one, two]) pool.resize({ max: 5 });
  // The SDK repeats what it was told last.
  expect(await most()).toEqual([
    "db.client.connection.limit{one} 3 {connection}",
    "db.client.connection.limit{two} 5 {connection}",
  ]);
});

test("the conventions' nine metrics of a pool are exported, under their names and in their units, and no other", async () => {
  const pool = database.pool();
  const { reader, meter: ours } = meter([poolTimes(pool, "orders")]);
  observePool(ours, pool, "orders");
  await pool.query("select 1");
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  const named = Object.entries(conventions)
    .filter(([name]) => /^METRIC_DB_CLIENT_CONNECTION_(?!MAX$)/.test(name)) // deprecated for .limit
    .map(([, name]) => name);
  expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual(named.sort());
  for (const { descriptor, dataPointType, dataPoints } of metrics) {
    if (dataPointType !== DataPointType.HISTOGRAM) continue;
    expect(descriptor.unit).toBe("s");
    expect(dataPoints).toMatchObject([
      {
        attributes: { "db.client.connection.pool.name": "orders" },
        value: { count: 1, buckets: { boundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] } },
      },
    ]);
  }
});

test("OpenTelemetry collects hosts and replicas, by server, and in seconds where it is a time", async () => {
  const { reader, meter: ours } = meter();
  const host = { server: "b:5432", role: "primary", rank: "right", unchangedMs: 0, connections: 3 } as const;
  let roleChanges = 0;
  const stop = observeServers(ours, () => ({ hosts: [{ ...host, roleChanges }] }));
  await reader.read();
  roleChanges = 1;
  const { resourceMetrics } = await reader.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  const told = metrics.map(({ descriptor: { name, unit }, dataPoints: [point] }) => [
    name,
    unit,
    point?.value,
  ]);
  expect(told).toEqual([
    ["openhouse.host.up", "1", 1],
    ["openhouse.host.primary", "1", 1],
    ["openhouse.host.unchanged", "s", 0],
    ["openhouse.host.connections", "1", 3],
    ["openhouse.host.role_changes", "1", 1],
  ]);
  expect(metrics[0]?.dataPoints[0]?.attributes).toEqual({ server: "b:5432" });
  stop();
});

const contexts = new AsyncLocalStorageContextManager();
beforeAll(() => void context.setGlobalContextManager(contexts.enable()));
afterAll(() => context.disable());

function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer("test");
  const within = async <T>(name: string, work: () => Promise<T>) => {
    const span: Span = tracer.startSpan(name);
    const result = await context.with(trace.setSpan(context.active(), span), work);
    span.end();
    return { result, id: span.spanContext().spanId };
  };
  return { exporter, tracer, within };
}

test("each statement is a span of whoever asked, also of one who waited, and its text stays as it is", async () => {
  const pool = database.pool({ max: 1 });
  const { exporter, tracer, within } = tracing();
  observeStatements(pool, { tracer, poolName: "orders" });
  const statement = () => pool.query("select $1::int as a", [1]);
  const visits = await Promise.all(["one", "two", "three"].map((name) => within(name, statement)));
  await expect(pool.query("select 1/0")).rejects.toThrow();
  const spans = exporter.getFinishedSpans().filter(({ name }) => name === "SELECT");
  expect(spans.slice(0, 3).map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
    visits.map(({ id }) => id),
  );
  expect(spans[0]?.attributes).toEqual({
    "db.system.name": "postgresql",
    "db.client.connection.pool.name": "orders",
    "db.operation.name": "SELECT",
  });
  expect(spans[3]).toMatchObject({
    status: { code: 2 },
    attributes: { "error.type": "22012", "db.response.status_code": "22012" },
  });
  // Named, as without traces: a trace's id in the text would make each of them another statement.
  expect(pool.getTotals().statements).toMatchObject({ prepared: 1, hits: 1 });
  await scoped(pool, { "app.tenant_id": "acme" }).batch(["select 1", "select 2"]);
  expect(exporter.getFinishedSpans().at(-1)?.attributes["db.operation.name"]).toBe("SELECT");
});

test("durations are recorded where a meter is given, until that is ended, and no text or value goes with them", async () => {
  const pool = database.pool();
  const { reader, meter: ours } = meter();
  const stop = observeStatements(pool, { meter: ours, poolName: "orders" });
  await pool.query("select 'secret'");
  await pool.query("/* secret */ select 1");
  await expect(pool.query("insert into secret values ($1)", ["secret"])).rejects.toThrow();
  stop();
  await pool.query("select 1");
  const { resourceMetrics } = await reader.collect();
  const [metric] = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  expect(metric?.descriptor).toMatchObject({ name: "db.client.operation.duration", unit: "s" });
  const points = metric?.dataPoints.map(({ attributes }) => [
    attributes["db.operation.name"],
    attributes["error.type"],
  ]);
  expect(points).toEqual([
    ["SELECT", undefined],
    [undefined, undefined],
    ["INSERT", "42P01"],
  ]);
  expect(JSON.stringify(metric)).not.toContain("secret");
});

test("a tracer that throws stops no statement", async () => {
  const pool = database.pool();
  const tracer = {
    startSpan() {
      throw new Error("no span");
    },
  };
  observeStatements(pool, { tracer, poolName: "orders" });
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});
