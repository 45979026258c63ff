import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricFamily } from "./metric-family.ts";

/** How often the loop is looked at, in milliseconds. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1_000_000;

let delays: IntervalHistogram | undefined;

/**
 * How late the event loop was since the last call: while it is blocked, no answer of the database is read. Begins to look at
 * the first call, which tells nothing yet.
 */
export function eventLoopFamilies(): MetricFamily[] {
  delays ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  if (delays.count === 0) return []; // and no reset, after which it would begin anew
  const late = (ns: number) => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS) / 1_000; // the pause itself is in it
  const [median, p99, max] = [delays.percentile(50), delays.percentile(99), delays.max].map(late);
  delays.reset();
  const gauge = (name: string, help: string, value = 0): MetricFamily => ({
    name: `openhouse_event_loop_delay_${name}_seconds`,
    type: "gauge",
    help,
    samples: [{ labels: {}, value }],
  });
  return [
    gauge("median", "How late the event loop was since the last scrape, at the median.", median),
    gauge("p99", "How late the event loop was since the last scrape, at the 99th percentile.", p99),
    gauge("max", "How late the event loop was since the last scrape, at most.", max),
  ];
}
