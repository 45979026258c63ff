import { Pool } from "@openhouse/pool";
import type { BenchContext, FaultScenario } from "@openhouse/tooling/faults/context";
import { openAll, withSubject } from "@openhouse/tooling/faults/subject";

const ACQUIRES = 3_000;
const MAX = 10;
/** Between two statements of a caller, in milliseconds: without it, few callers are a full load. */
const THINKING_MS = 2;

/** @param raw by `connect()`, as with pg.Pool. */
function acquire(title: string, callers: number, raw: boolean): FaultScenario {
  const run = (context: BenchContext) =>
    withSubject(context, { max: MAX, min: MAX }, async ({ pool }) => {
      await openAll(pool, MAX);
      const take = () => (pool instanceof Pool && !raw ? pool.acquire() : pool.connect());
      const waitsMs: number[] = [];
      const call = async () => {
        while (waitsMs.length < ACQUIRES) {
          const startedAtMs = performance.now();
          const client = await take();
          waitsMs.push(performance.now() - startedAtMs);
          await client.query("select 1");
          client.release();
          await new Promise((resolve) => setTimeout(resolve, THINKING_MS));
        }
      };
      await Promise.all(Array.from({ length: callers }, call));
      waitsMs.sort((one, other) => one - other);
      const at = (part: number) => `${(waitsMs[Math.floor(part * waitsMs.length)] ?? 0).toFixed(2)} ms`;
      return { p99: at(0.99), median: at(0.5) };
    });
  return { title, run };
}

/** Figures that go with the table: acquires on a warm pool. Under normal load half of the connections are in use. */
export const FIGURES: Record<string, FaultScenario> = {
  acquire: acquire("acquires, normal load, as Drizzle does", MAX / 2, false),
  "acquire-raw": acquire("acquires, normal load, raw clients", MAX / 2, true),
  "acquire-raw-full": acquire("acquires, full load, raw clients", MAX, true),
};
