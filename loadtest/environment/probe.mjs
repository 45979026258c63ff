// Loaded into the portal's process by NODE_OPTIONS: writes what only that process knows, once a second, as a line of
// JSON to the file that LOADTEST_PROBE names. The portal itself is the one that is shipped.
import { appendFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";

const EVERY_MS = 1_000;
const file = process.env.LOADTEST_PROBE;
const waits = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });

/** Ours, or the plain pg.Pool of a peer. */
function findPool() {
  const ours = globalThis[Symbol.for("@openhouse/pool@0/registry")]?.get("@openhouse/db")?.value.pool;
  return { ours, plain: globalThis[Symbol.for("@openhouse/loadtest/plain-pool")] };
}

const followed = new WeakSet();

/** A plain pool tells nobody how long its callers wait. */
function follow(pool) {
  if (followed.has(pool)) return;
  followed.add(pool);
  const connect = pool.connect;
  const since = (startedAtMs) =>
    waits.record(Math.max(1, Math.round((performance.now() - startedAtMs) * 1_000)));
  pool.connect = function timedConnect(callback) {
    const startedAtMs = performance.now();
    if (callback === undefined) return connect.call(this).finally(() => since(startedAtMs));
    return connect.call(this, (error, client, release) => {
      since(startedAtMs);
      callback(error, client, release);
    });
  };
}

if (file) {
  let cpu = process.cpuUsage();
  const look = () => {
    const { ours, plain } = findPool();
    if (ours === undefined && plain === undefined) return; // npm, or Next before it has started
    if (plain !== undefined) follow(plain);
    const pool = plain ?? ours;
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    const line = {
      at: Date.now(),
      pid: process.pid,
      kind: plain === undefined ? ours.constructor.name : "plain",
      rss,
      heapTotal,
      heapUsed,
      cpuMs: (used.user + used.system) / 1_000,
      waiting: pool.waitingCount,
      totals: typeof ours?.getTotals === "function" ? ours.getTotals() : null,
      waits: plain === undefined ? null : { count: waits.count, p99Ms: waits.percentile(99) / 1_000 },
      /** A peer in whose process ours is open, too, would be no comparison. */
      both: plain !== undefined && ours !== undefined,
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
  setInterval(look, EVERY_MS).unref();
}
