// One of several processes that share a server: forked by command.ts, which tells it how large its pool is to be, again and again.
import { setTimeout as pause } from "node:timers/promises";
import { AcquireTimeoutError, AutoPoolSize, Client, Pool } from "../../src/index.ts";

export interface Trial {
  /** The size of the pool; it sizes itself where there is none. */
  readonly max?: number;
  readonly durationMs: number;
}

export interface TrialReport {
  /** Callers served in the second half. */
  readonly served: number;
  /** Callers of the whole trial who waited in vain. */
  readonly inVain: number;
  /** Connections that the server has refused after the first minute, as there were too many. */
  readonly refused: number;
  readonly max: number;
}

const [, , connectionString = "", name = ""] = process.argv;
const CALLERS = 30;
const MIN = 2;
/** The clock by which the pool is sized: a minute is a quarter of a second. */
const MINUTES_PER_MS = 1 / 250;
const LOOK_EVERY_MS = 50;
/** Waits for 4 ms, and computes for some tenths of one. */
const STATEMENT = "select pg_sleep(0.004), (select sum(each) from generate_series(1, 2000) each)";

async function run({ max, durationMs }: Trial): Promise<TrialReport> {
  const options = { connectionString, application_name: name };
  const pool = new Pool({ ...options, max: max ?? MIN + 1, min: MIN, maxWaiting: 10 * CALLERS });
  const probe = new Client(options);
  await Promise.all([pool.warmUp(), probe.connect()]);
  const auto = max === undefined ? new AutoPoolSize(pool) : undefined;
  const startMs = performance.now();
  const endMs = startMs + durationMs;
  const minutes = () => (performance.now() - startMs) * MINUTES_PER_MS;
  let [served, inVain, refused] = [0, 0, 0];
  pool.events.on("connectFailed", ({ kind }) => {
    if (kind === "too_many_connections" && minutes() > 1) refused++;
  });
  const call = async () => {
    while (performance.now() < endMs) {
      try {
        await pool.query(STATEMENT);
        if (performance.now() > startMs + durationMs / 2) served++;
      } catch (error) {
        if (!(error instanceof AcquireTimeoutError)) throw error;
        inVain++;
      }
    }
  };
  const look = async () => {
    while (performance.now() < endMs) {
      await auto?.look(probe, minutes() * 60_000);
      await pause(LOOK_EVERY_MS);
    }
  };
  await Promise.all([...Array.from({ length: CALLERS }, call), look()]);
  const report = { served, inVain, refused, max: pool.getStats().max };
  await Promise.all([pool.end(), probe.end()]);
  return report;
}

process.on("message", (trial: Trial) => {
  run(trial).then(
    (report) => process.send?.(report),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit());
