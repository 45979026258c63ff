// A process for the fault frozen-process: stops itself, and tells how its statements fare when it goes on.
import { contextFrom } from "../context.ts";
import { distinct } from "../settle.ts";
import { listenForErrors, openAll, openSubject, slotsLost } from "../subject.ts";

const MAX = 4;
const STATEMENTS = 60;

const [, , , , moment = "", clocks = ""] = process.argv;
const { pool } = openSubject(contextFrom(process.argv), { max: MAX, maxWaiting: STATEMENTS });
listenForErrors(pool);
const failures: string[] = [];
const run = (text: string) => pool.query(text).catch((error: Error) => failures.push(error.message));
/** @param text what the first have to do, those that get the connections there are. */
const many = (text: string) =>
  Promise.all(Array.from({ length: STATEMENTS }, (_, index) => run(index < MAX ? text : "select 1")));

/** Stops here, until somebody sends SIGCONT. */
function freeze(): void {
  const before = performance.now();
  process.kill(process.pid, "SIGSTOP");
  if (clocks === "suspended") shift(performance, performance.now() - before);
  if (clocks === "set-back") shift(Date, 3_600_000);
}

/** A process that is stopped sees its clocks go on; a machine that sleeps does not, and others set the clock. */
function shift(clock: { now(): number }, backMs: number): void {
  const now = clock.now.bind(clock);
  Object.defineProperty(clock, "now", { value: () => now() - backMs, configurable: true });
}

await openAll(pool, MAX);
if (moment === "idle") {
  freeze();
  await many("select 1"); // before the event loop has had a turn to hear of anything
} else {
  const outcomes = many("select pg_sleep(0.1)");
  setImmediate(freeze); // some were sent and have no answer yet, the others wait for a connection
  await outcomes;
}
const facts = { failed: failures.length, failures: distinct(failures), slotsLost: await slotsLost(pool) };
console.log(JSON.stringify({ ...facts, waiting: pool.waitingCount }));
await pool.end();
