import { type Servers, serverFamilies } from "./server-families.ts";
import type { PoolStats, PoolTotals } from "./telemetry/stats.ts";

export {
  type HistogramMeter,
  observeStatements,
  type Tracer,
  type WatchedPool,
} from "./telemetry/otel-statements.ts";
export { poolTimes } from "./telemetry/otel-times.ts";

type Attributes = Record<string, string>;
type Observer = (result: { observe(value: number, attributes: Attributes): void }) => void;

interface Instrument {
  addCallback(observer: Observer): void;
  removeCallback(observer: Observer): void;
}

/** What is needed of a `Meter` of `@opentelemetry/api`, which need not be installed. */
export interface Meter {
  createObservableCounter(name: string, options: { unit: string; description: string }): Instrument;
  createObservableUpDownCounter(name: string, options: { unit: string; description: string }): Instrument;
}

/** What is needed of a pool. */
export interface ObservablePool {
  getStats(): PoolStats;
  getTotals(): Pick<PoolTotals, "timeouts">;
}

/**
 * Has a meter read the pool's figures whenever it collects, under the names of OpenTelemetry's conventions
 * (https://opentelemetry.io/docs/specs/semconv/database/database-metrics/). In between it costs nothing.
 *
 * @param poolName tells the pool from others of the process.
 * @returns what ends it.
 */
export function observePool(meter: Meter, pool: ObservablePool, poolName: string): () => void {
  const stops: (() => void)[] = [];
  const observe = (instrument: Instrument, read: () => number, more: Attributes = {}) => {
    const attributes = { "db.client.connection.pool.name": poolName, ...more };
    const observer: Observer = (result) => result.observe(read(), attributes);
    instrument.addCallback(observer);
    stops.push(() => instrument.removeCallback(observer));
  };
  const level = (name: string, unit: string, description: string) =>
    meter.createObservableUpDownCounter(`db.client.connection.${name}`, { unit, description });

  const count = level("count", "{connection}", "Open connections, by state.");
  observe(count, () => pool.getStats().idleCount, { "db.client.connection.state": "idle" });
  observe(count, () => pool.getStats().usedCount, { "db.client.connection.state": "used" });
  observe(level("limit", "{connection}", "Most connections allowed."), () => pool.getStats().max);
  observe(level("idle.max", "{connection}", "Most idle connections allowed."), () => pool.getStats().max);
  observe(level("idle.min", "{connection}", "Fewest idle connections kept."), () => pool.getStats().min);
  const pending = level("pending_requests", "{request}", "Callers who wait for a connection.");
  observe(pending, () => pool.getStats().waitingCount);
  const timeouts = meter.createObservableCounter("db.client.connection.timeouts", {
    unit: "{timeout}",
    description: "Callers who waited for a connection in vain.",
  });
  observe(timeouts, () => pool.getTotals().timeouts);
  return () => {
    for (const stop of stops) stop();
  };
}

/** What is needed of a `Meter` of `@opentelemetry/api` for servers. */
export interface ServerMeter {
  createObservableCounter(name: string, options: { unit: string; description: string }): Instrument;
  createObservableGauge(name: string, options: { unit: string; description: string }): Instrument;
}

/**
 * Has a meter read figures of several hosts, and of replicas, whenever it collects: those of `serverFamilies`, with dots for
 * underscores and without the unit in the name, such as `openhouse.replica.lag`. In between it costs nothing.
 *
 * @param read asked at every collection.
 * @returns what ends it.
 */
export function observeServers(meter: ServerMeter, read: () => Servers): () => void {
  const stops = serverFamilies({}).map(({ name, type, help }) => {
    const options = { unit: name.endsWith("_seconds") ? "s" : "1", description: help };
    const [, of, what = ""] = /^openhouse_(host|replica)_(.+?)(?:_total|_seconds)?$/.exec(name) ?? [];
    const ours = `openhouse.${of}.${what}`;
    const instrument =
      type === "counter"
        ? meter.createObservableCounter(ours, options)
        : meter.createObservableGauge(ours, options);
    const observer: Observer = (result) => {
      const samples = serverFamilies(read()).find((family) => family.name === name)?.samples ?? [];
      for (const { labels, value } of samples) if (typeof value === "number") result.observe(value, labels);
    };
    instrument.addCallback(observer);
    return () => instrument.removeCallback(observer);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
