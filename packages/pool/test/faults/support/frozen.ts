// A process for row 21: stops itself at a chosen line, and tells how its statements fared when it goes on.
import { createInterface } from "node:readline";
import { waitFor } from "@openhouse/pool-testing";
import { Pool } from "../../../src/pool.ts";
import { optionsFor } from "../../support/options.ts";

const MAX = 4;
const STATEMENTS = 60;

const [, , url = "", moment = "", clocks = ""] = process.argv;
const pool = new Pool({ ...optionsFor(url), max: MAX, min: 0, maxWaiting: STATEMENTS });
const failures: string[] = [];
const run = (text: string) => pool.query(text).catch((error: Error) => failures.push(error.message));
/** @param text what the first have to do, those that get the connections there are. */
const many = (text: string) =>
  Promise.all(Array.from({ length: STATEMENTS }, (_, index) => run(index < MAX ? text : "select 1")));

/** Stops here, until somebody sends SIGCONT. */
function freeze(): void {
  const before = { monotonicMs: performance.now(), wallMs: Date.now() };
  process.kill(process.pid, "SIGSTOP");
  const frozenMs = performance.now() - before.monotonicMs;
  if (clocks === "suspended") shift(performance, frozenMs);
  if (clocks === "set-back") shift(Date, 3_600_000);
}

/** A process that is stopped sees its clocks go on; a machine that sleeps does not, and others set the clock. */
function shift(clock: { now(): number }, backMs: number): void {
  const now = clock.now.bind(clock);
  Object.defineProperty(clock, "now", { value: () => now() - backMs, configurable: true });
}

await Promise.all(Array.from({ length: MAX }, () => run("select pg_sleep(0.1)")));
console.log(`open ${pool.idleCount}`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "freeze") break;
  if (moment === "idle") {
    freeze();
    await many("select 1"); // before the event loop has had a turn to hear of anything
  } else {
    const outcomes = many("select pg_sleep(0.1)");
    setImmediate(freeze); // some were sent and have no answer yet, the others wait for a connection
    await outcomes;
  }
  console.log("thawed");
}
await waitFor(() => pool.idleCount === pool.totalCount, { what: "every connection to be idle" });
console.log(JSON.stringify({ failures, ...pool.getStats() }));
process.stdin.destroy();
await pool.end();
