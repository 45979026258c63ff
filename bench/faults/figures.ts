import { Pool } from "@openhouse/pool";
import { sql } from "drizzle-orm";
import { type Kind, type Lab, type Row, seconds, withStack } from "./lab.ts";
import { recover } from "./restart.ts";

const ACQUIRES = 3_000;
const MAX = 10;
/** Between two statements of a caller, in milliseconds: without it, few callers are a full load. */
const THINKING_MS = 2;

/** @param raw the caller may change the session, as pg's own callers may; Drizzle's statements do not. */
function acquire(fault: string, callers: number, raw: boolean): Row {
  const measure = (kind: Kind, lab: Lab) =>
    withStack({ kind, lab, options: { max: MAX, min: MAX } }, async ({ pool, db }) => {
      await Promise.all(Array.from({ length: MAX }, () => db.execute(sql`select pg_sleep(0.1)`)));
      const borrow = () => (pool instanceof Pool ? pool.acquire({ clean: !raw }) : pool.connect());
      const waitsMs: number[] = [];
      const call = async () => {
        while (waitsMs.length < ACQUIRES) {
          const startedAtMs = performance.now();
          const client = await borrow();
          waitsMs.push(performance.now() - startedAtMs);
          await client.query("select 1");
          client.release();
          await new Promise((resolve) => setTimeout(resolve, THINKING_MS));
        }
      };
      await Promise.all(Array.from({ length: callers }, call));
      waitsMs.sort((one, other) => one - other);
      const at = (part: number) => (waitsMs[Math.floor(part * waitsMs.length)] ?? 0).toFixed(2);
      return `${at(0.99)} ms (median ${at(0.5)} ms)`;
    });
  return { fault, measure };
}

const firstSuccess: Row = {
  fault: "first success after the server takes connections again",
  async measure(kind, lab) {
    const times: number[] = [];
    for (let restart = 1; restart <= 3; restart++) times.push((await recover(kind, lab)).firstSuccessMs);
    times.sort((one, other) => one - other);
    return `${seconds(times[1] ?? 0)} (3 restarts, up to ${seconds(times[2] ?? 0)})`;
  },
};

/** Figures that go with the table: under normal load half of the connections are in use. */
export const FIGURES: readonly Row[] = [
  acquire("acquire p99, warm pool, normal load, as Drizzle does", MAX / 2, false),
  acquire("acquire p99, warm pool, normal load, raw clients", MAX / 2, true),
  acquire("acquire p99, warm pool, full load, raw clients", MAX, true),
  firstSuccess,
];
