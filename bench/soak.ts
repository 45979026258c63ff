// Load over forTenant and db, with faults on a schedule: npm run soak -- --minutes 20 --faults all
import { parseArgs } from "node:util";
import { Pool } from "@openhouse/pool";
import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { FAULTS, scheduleFaults } from "./soak/faults.ts";
import { Ledger } from "./soak/ledger.ts";
import { HEADING, lineOf } from "./soak/live-table.ts";
import { Load } from "./soak/load.ts";
import { APP_ROLE, MAX, openPlace, type Place } from "./soak/place.ts";
import { startSampler } from "./soak/sampler.ts";
import { drawRun } from "./soak/svg.ts";
import { growth, judge } from "./soak/verdict.ts";
import { writeResult } from "./support/results.ts";

const CALLERS = 3 * MAX;
const LINE_EVERY_S = 5;

const USAGE = `npm run soak -- [--minutes N] [--faults LIST]
  --minutes N     how long [20]
  --faults LIST   all, none, or of ${Object.keys(FAULTS).join(",")} [all]`;

const { minutes, names } = readOrExplain(USAGE, () => {
  const { values } = parseArgs({
    options: { minutes: { type: "string", default: "20" }, faults: { type: "string", default: "all" } },
  });
  const wanted = Number(values.minutes);
  if (!(wanted > 0)) throw new Error(`--minutes must be a number above 0, got ${values.minutes}`);
  return { minutes: wanted, names: faultNames(values.faults) };
});

const uncaught: string[] = [];
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) =>
    uncaught.push(error instanceof Error ? (error.stack ?? "") : String(error)),
  );
}

const place = await openPlace();
try {
  process.exitCode = await soak(place);
} finally {
  await place.stop();
}

async function soak(place: Place): Promise<number> {
  const client = await import("@openhouse/db/client");
  // What the pool reports of each fault is expected, and would bury the table.
  let warnings = 0;
  console.warn = () => void warnings++;
  console.info = () => {};
  const { pool } = client.getDatabaseResources();
  const leaks = { reported: 0, returned: 0 };
  if (pool instanceof Pool) {
    pool.events.on("leak", () => leaks.reported++);
    pool.events.on("leakReturned", () => leaks.returned++);
  }

  const ledger = new Ledger();
  const startedAt = new Date();
  let over = false;
  const load = new Load({ client, ledger, tenantIds: place.tenantIds, callers: CALLERS });
  const faults = scheduleFaults({ ...place, client }, names, () => over);
  console.log(HEADING);
  const sampler = startSampler(client, load, faults, (sample) => {
    if (sample.atS % LINE_EVERY_S === 0 || sample.fault !== "") console.log(lineOf(sample));
  });

  await new Promise((resolve) => setTimeout(resolve, 60_000 * minutes));
  over = true;
  await faults.done;
  const callersEnded = await load.stop(30_000);
  await waitFor(() => atRest(client.getPoolStats()), { timeoutMs: 10_000, what: "the pool to settle" }).catch(
    () => {},
  );
  sampler.stop();
  const settled = client.getPoolStats();
  const backends = await backendsOf(place, settled.totalCount);
  const wrongWrites = await ledger.wrong(place.superuserUrl, place.tenantIds);
  const { samples } = sampler;
  const complaints = judge({
    samples,
    settled,
    backends,
    callersEnded,
    wrongWrites,
    foreignRows: ledger.foreign,
    uncaught,
    faultFailures: faults.failures,
    leaks: { ...leaks, expected: faults.counts.forgotten ?? 0 },
  });

  const { succeeded, failed, errors } = load;
  const report = {
    startedAt,
    minutes,
    passed: complaints.length === 0,
    complaints,
    requests: { succeeded, failed, errors },
    writes: { ...ledger.totals, wrong: wrongWrites.length },
    foreignRows: ledger.foreign,
    faults: faults.counts,
    leaks,
    warnings,
    settled: { ...settled, backends },
    heapGrowthMb: growth(samples, ({ heapMb }) => heapMb),
    handlesGrowth: growth(samples, ({ handles }) => handles),
    totals: pool instanceof Pool ? pool.getTotals() : undefined,
  };
  await client.closePool({ timeoutMs: 2_000 });
  const { totals, ...shown } = report;
  console.log(`\n${JSON.stringify(shown, null, 2)}`);
  console.log(writeResult("soak.json", `${JSON.stringify({ ...report, samples }, null, 1)}\n`));
  console.log(
    writeResult("soak.svg", drawRun(samples, `Soak of ${minutes} minutes, ${startedAt.toISOString()}`)),
  );
  console.log(
    complaints.length === 0 ? "\nPASSED" : `\nFAILED\n${complaints.map((each) => `- ${each}`).join("\n")}`,
  );
  return complaints.length === 0 ? 0 : 1;
}

function faultNames(list: string): string[] {
  if (list === "all") return Object.keys(FAULTS);
  const chosen = list === "none" ? [] : list.split(",");
  const unheardOf = chosen.filter((name) => !(name in FAULTS));
  if (unheardOf.length === 0) return chosen;
  throw new Error(`--faults: no such fault: ${unheardOf.join(", ")}`);
}

function atRest({
  totalCount,
  idleCount,
  waitingCount,
  closingCount,
}: ReturnType<typeof import("@openhouse/db/client").getPoolStats>) {
  return idleCount === totalCount && waitingCount === 0 && closingCount === 0;
}

/** The server takes a moment to notice a closed socket. */
async function backendsOf({ superuserUrl }: Place, expected: number): Promise<number> {
  let n = -1;
  const look = async () => {
    const statement = `select count(*)::int as n from pg_stat_activity where usename = '${APP_ROLE}'`;
    n = await asSuperuser(
      superuserUrl,
      async (client) => (await client.query<{ n: number }>(statement)).rows[0]?.n ?? 0,
    );
    return n === expected;
  };
  await waitFor(look, { timeoutMs: 5_000, intervalMs: 200, what: "the server to let go" }).catch(() => {});
  return n;
}
