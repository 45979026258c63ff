import { foldHistogram, type Histogram } from "./histogram.ts";
import type { PoolTotals } from "./stats.ts";

/** OpenTelemetry's time: seconds, and nanoseconds of the next. */
type HrTime = [number, number];

/** Numbers of `DataPointType` and `AggregationTemporality` of `@opentelemetry/sdk-metrics`, and of the API's `ValueType`. */
const HISTOGRAM = 0;
const CUMULATIVE = 1;
const DOUBLE = 1;

/** The reader takes the resource of its own provider. */
const NO_RESOURCE = { attributes: {}, merge: (other: never) => other, getRawAttributes: () => [] };

/**
 * The times that callers wait for a connection, hold one, and that opening one takes, as a `MetricProducer`: OpenTelemetry's API has
 * no instrument that reads a histogram which is kept elsewhere, and to record each time again would cost each statement.
 *
 * @param poolName tells the pool from others of the process.
 */
export function poolTimes(
  pool: { getTotals(): Pick<PoolTotals, "wait" | "use" | "create"> },
  poolName: string,
) {
  const startTime = hrTime();
  const attributes = { "db.client.connection.pool.name": poolName };
  const metric = (name: string, description: string, histogram: Histogram) => {
    const { boundsMs, counts, count, sumMs } = foldHistogram(histogram);
    const buckets = { boundaries: boundsMs.map((boundMs) => boundMs / 1_000), counts: [...counts] };
    const value = { buckets, count, sum: sumMs / 1_000 };
    return {
      descriptor: {
        name: `db.client.connection.${name}`,
        description,
        unit: "s",
        valueType: DOUBLE,
      } as const,
      aggregationTemporality: CUMULATIVE,
      dataPointType: HISTOGRAM,
      dataPoints: [{ startTime, endTime: hrTime(), attributes, value }],
    } as const;
  };
  return {
    async collect() {
      const { wait, use, create } = pool.getTotals();
      const metrics = [
        metric("wait_time", "How long callers waited for a connection.", wait),
        metric("use_time", "How long callers held a connection.", use),
        metric("create_time", "How long opening a connection took.", create),
      ].map(({ dataPoints, ...rest }) => ({ ...rest, dataPoints: [...dataPoints] }));
      const scopeMetrics = [{ scope: { name: "@openhouse/pool" }, metrics }];
      return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
    },
  };
}

function hrTime(): HrTime {
  const nowMs = performance.timeOrigin + performance.now();
  return [Math.floor(nowMs / 1_000), Math.round((nowMs % 1_000) * 1_000_000)];
}
