import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { poolMetrics } from "@openhouse/pool/http";
import { openPool } from "../clients/ours.ts";
import { homeOf } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { measureLoad, warmUp } from "../compare/load.ts";
import { CALLERS, MAX, THROUGHPUT, times } from "../compare/throughput.ts";
import type { Job, Session, Work } from "../compare/work.ts";

const OFF = "ours, not by route";
const UNKNOWN = "ours, by route, none known";
const ON = "ours, by route";
const SCRAPED = "ours, by route and scraped";
/** As many as a portal has, and as often as Prometheus asks at most. */
const ROUTES = Array.from({ length: 20 }, (_, each) => `/route-${each}/[id]`);
const SCRAPE_EVERY_MS = 1_000;

/** What counting costs: of the acquire alone, which asks for the route, and of one that runs a statement. */
export const metrics: readonly Work[] = [0, 1].map((statements) => ({
  id: `18-${statements}`,
  title: `metrics by route, ${statements === 0 ? "acquire and release alone" : "one statement"}`,
  method: `A client is checked out of a warm pool of ${MAX} by ${CALLERS} callers, each within one of ${ROUTES.length} routes of an async context, runs ${statements === 0 ? "nothing" : "a point select"}, and is released. Ours counts what it does in any case; with the option \`route\` by route as well.`,
  better: "less",
  columns: [
    { key: "cpuUs", title: "client CPU µs", digits: 2 },
    ...THROUGHPUT.filter(({ key }) => key !== "cpuUs"),
  ],
  baseline: OFF,
  entries: [OFF, UNKNOWN, ON, SCRAPED].map((title) => ({ title })),
  goals: [
    {
      what: "client CPU with routes to without",
      wanted: 1.1,
      better: "less",
      of: times("cpuUs", ON, OFF),
    },
  ],
  begin: (job) => begin(job, statements),
}));

async function begin({ entry: { title }, options, url }: Job, statements: number): Promise<Session> {
  const routes = new AsyncLocalStorage<string>();
  const route = () => routes.getStore();
  const pool = openPool({ url, max: MAX, manyCallers: true }, title === OFF ? {} : { route });
  let taken = 0;
  const work = async (n: number) => {
    const client = await pool.acquire();
    try {
      for (let each = 0; each < statements; each++) await client.query(SQL.homeById, [homeOf(n + each)]);
      return [];
    } finally {
      client.release();
    }
  };
  const operation = async (n: number) => {
    // Where nothing is sent a pool answers from its own memory, and no timer would ever be heard.
    if (statements === 0 && ++taken % CALLERS === 0) await setImmediate();
    // The context is there in any case, as a portal has one for other reasons.
    if (title === UNKNOWN) return await work(n);
    return await routes.run(ROUTES[n % ROUTES.length] ?? "", () => work(n));
  };
  const timer = title === SCRAPED ? setInterval(() => poolMetrics(pool), SCRAPE_EVERY_MS) : undefined;
  await warmUp(operation, CALLERS, options);
  return {
    round: () => measureLoad(operation, { callers: CALLERS, ...options }),
    end: async () => {
      clearInterval(timer);
      await pool.end();
    },
  };
}
