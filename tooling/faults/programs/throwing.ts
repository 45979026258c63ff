// A process for the fault throwing-code. It has no handler for uncaught errors: whatever goes uncaught ends it.
import { contextFrom } from "../context.ts";
import { settle } from "../settle.ts";
import { openSubject } from "../subject.ts";

const who = process.argv[4] ?? "";
let isFirst = true;
/** Once: what may refuse a connection is heeded. */
const fail = () => {
  if (!isFirst) return;
  isFirst = false;
  throw new Error(`${who} throws`);
};
const logger =
  who === "logger"
    ? { keepsFields: true as const, debug: fail, info: fail, warn: fail, error: fail }
    : undefined;
const { pool } = openSubject(contextFrom(process.argv), {
  max: 1,
  connectionTimeoutMillis: 1_000,
  slowQueryMs: 1,
  ...(logger && { logger }),
  ...(who === "log" && { log: fail }),
});
if (logger === undefined && who !== "log") pool.on(who as "connect", fail);

const outcomeOf = async (work: Promise<unknown>) => (await settle(work, 3_000)).end;

const first = await outcomeOf(pool.query("select pg_sleep(0.05)"));
const destroyed = await outcomeOf(pool.connect().then((client) => client.release(true)));
const afterwards = await outcomeOf(pool.query("select 1"));
console.log(JSON.stringify({ first, destroyed, afterwards }));
await settle(pool.end(), 3_000);
process.exit();
