// A process for the fault end: somebody keeps a client for ever, somebody runs a long statement, others wait. On SIGUSR2 it ends
// its pool, and nothing else: it calls no exit, so whatever is left open keeps it alive.
import { once } from "node:events";
import { Pool } from "../../../src/pool.ts";
import { optionsFor } from "../../support/options.ts";

const [, , url = ""] = process.argv;
const pool = new Pool({ ...optionsFor(url), max: 2, min: 0, connectionTimeoutMillis: 60_000 });
const tell = (fact: object) => console.log(JSON.stringify(fact));
const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

const told = once(process, "SIGUSR2");
await pool.connect();
const busy = await pool.connect();
const { rows } = await busy.query("select pg_backend_pid() as pid");
const statement = busy.query("select pg_sleep(60)").then(
  () => "done",
  () => "failed",
);
const waiters = [1, 2, 3].map(() => pool.query("select 1").catch(codeOf));
tell({ pid: rows[0].pid });
await told;
const startedAtMs = performance.now();
await pool.end({ timeoutMs: 200 });
tell({
  tookMs: performance.now() - startedAtMs,
  statement: await statement,
  waiters: await Promise.all(waiters),
  stats: pool.getStats(),
});
