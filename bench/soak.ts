// Load over forTenant and db, with faults on a schedule: npm run soak -- --minutes 20 --faults all
import { Pool } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { readOptions } from "@openhouse/tooling/measure/arguments";
import { queryRow } from "@openhouse/tooling/measure/database";
import { complaintsOf, tellVerdict } from "@openhouse/tooling/measure/verdict";
import { RESULTS } from "./compare/results.ts";
import { chartOf, HEADING, lineOf } from "./soak/columns.ts";
import { APP_ROLE, MAX, openEnvironment, type SoakEnvironment } from "./soak/environment.ts";
import { FAULTS, scheduleFaults } from "./soak/faults.ts";
import { Ledger } from "./soak/ledger.ts";
import { Load } from "./soak/load.ts";
import { startSampler } from "./soak/sampler.ts";
import { checksOf, growthOf } from "./soak/verdict.ts";

const CALLERS = 3 * MAX;
const LINE_EVERY_S = 5;

const USAGE = `npm run soak -- [--minutes N] [--faults LIST]
  --minutes N     how long [20]
  --faults LIST   all, none, or of ${Object.keys(FAULTS).join(",")} [all]`;

const { minutes, names } = readOrExplain(USAGE, () => {
  const kinds = { minutes: { fallback: 20, min: 0.05, max: 10_000 }, faults: "text" } as const;
  const { minutes, faults = "all" } = readOptions(process.argv.slice(2), kinds);
  if (faults === "all") return { minutes, names: Object.keys(FAULTS) };
  const names = faults === "none" ? [] : faults.split(",");
  const unheardOf = names.filter((name) => !(name in FAULTS));
  if (unheardOf.length > 0) throw new Error(`--faults: no such fault: ${unheardOf.join(", ")}`);
  return { minutes, names };
});

const uncaught: string[] = [];
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) =>
    uncaught.push(error instanceof Error ? (error.stack ?? "") : String(error)),
  );
}

const environment = await openEnvironment();
try {
  process.exitCode = await soak(environment);
} finally {
  await environment.stop();
}

async function soak(environment: SoakEnvironment): Promise<number> {
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
  const load = new Load(client, ledger, environment.tenantIds, CALLERS);
  const faults = scheduleFaults({ ...environment, client }, names, () => over);
  console.log(HEADING);
  const sampler = startSampler(client, load, faults, (sample) => {
    if (sample.atS % LINE_EVERY_S === 0 || sample.fault !== "") console.log(lineOf(sample));
  });

  await new Promise((resolve) => setTimeout(resolve, 60_000 * minutes));
  over = true;
  await faults.done;
  const callersEnded = await load.stop(30_000);
  const settled = await rest(environment, client.getPoolStats);
  sampler.stop();
  const { samples } = sampler;
  const wrongWrites = await ledger.wrong(environment.superuserUrl, environment.tenantIds);
  const complaints = complaintsOf(
    checksOf({
      samples,
      settled,
      callersEnded,
      wrongWrites,
      foreignRows: ledger.foreign,
      uncaught,
      faultFailures: faults.failures,
      leaks: { ...leaks, expected: faults.counts.forgotten ?? 0 },
    }),
  );
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
    settled,
    growth: growthOf(samples),
  };
  const totals = pool instanceof Pool ? pool.getTotals() : undefined;
  await client.closePool({ timeoutMs: 2_000 });
  console.log(`\n${JSON.stringify(report, null, 2)}`);
  console.log(RESULTS.write("soak.json", { ...report, totals, samples }));
  const title = `Soak of ${minutes} minutes, ${startedAt.toISOString()}`;
  console.log(RESULTS.write("soak.svg", chartOf(samples, title)));
  return tellVerdict(complaints);
}

type Stats = ReturnType<typeof import("@openhouse/db/client").getPoolStats>;

/** Waits until the pool has come to rest, and until the server, which takes a moment, has noticed every closed socket. */
async function rest({ superuserUrl }: SoakEnvironment, statsOf: () => Stats) {
  const isAtRest = () => {
    const { totalCount, idleCount, waitingCount, closingCount } = statsOf();
    return idleCount === totalCount && waitingCount === 0 && closingCount === 0;
  };
  await waitFor(isAtRest, { timeoutMs: 10_000, what: "the pool to settle" }).catch(() => {});
  const settled = { ...statsOf(), backends: -1 };
  const haveGone = async () => {
    const statement = `select count(*)::int as n from pg_stat_activity where usename = '${APP_ROLE}'`;
    settled.backends = (await queryRow<{ n: number }>(superuserUrl, statement))?.n ?? 0;
    return settled.backends === settled.totalCount;
  };
  await waitFor(haveGone, { timeoutMs: 5_000, intervalMs: 200, what: "the server to let go" }).catch(
    () => {},
  );
  return settled;
}
