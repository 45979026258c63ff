import type { PoolStats } from "@openhouse/db/client";
import { migrate } from "@openhouse/db/migrate";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { openDatabase } from "./support/database.ts";

const STATEMENTS = 20;

interface Outcome {
  number: number;
  backend: number;
  waitMs: number;
  runMs: number;
  error: string;
}

await main(async () => {
  refuseArguments(
    "npm run test:pool\n  20 statements at once through the pool of DATABASE_URL, or of the embedded server.",
  );
  const database = await openDatabase(console.log);
  try {
    const { appUrl, ownerUrl, embedded, description } = database;
    if (embedded !== null) await migrate({ ownerUrl, appUrl });
    // The client reads them at its first use.
    Object.assign(process.env, { DATABASE_URL: appUrl, DATABASE_URL_OWNER: ownerUrl });
    console.log(`${STATEMENTS} concurrent statements through the pool, on ${description}\n`);
    return await report();
  } finally {
    await database.stop();
  }
});

async function report(): Promise<number> {
  const { closePool, getPoolStats, withClient } = await import("@openhouse/db/client");
  try {
    const before = getPoolStats();
    const startedAt = performance.now();
    const runs = Array.from({ length: STATEMENTS }, (_, index) => runOne(index + 1, withClient));
    const during = getPoolStats();
    const outcomes = await Promise.all(runs);
    const totalMs = performance.now() - startedAt;
    const after = getPoolStats();

    console.log(
      table(
        ["statement", "backend", "wait ms", "run ms", "error"],
        outcomes.map(({ number, backend, waitMs, runMs, error }) => [
          number,
          backend,
          Math.round(waitMs),
          Math.round(runMs),
          error,
        ]),
      ),
    );
    const names = ["totalCount", "idleCount", "waitingCount"] as const;
    const row = (when: string, stats: PoolStats) => [when, ...names.map((name) => stats[name])];
    console.log(
      `\n${table(["pool", ...names], [row("before", before), row("during", during), row("after", after)])}`,
    );

    const failed = outcomes.filter(({ error }) => error !== "").length;
    const backends = new Set(outcomes.filter(({ error }) => error === "").map(({ backend }) => backend)).size;
    console.log(
      `\n${STATEMENTS - failed} succeeded, ${failed} failed; ${backends} backends; ${Math.round(totalMs)} ms in all`,
    );
    return failed === 0 ? 0 : 1;
  } finally {
    await closePool();
  }
}

/** A statement that takes its time, so that all of them are under way together. */
async function runOne(
  number: number,
  withClient: typeof import("@openhouse/db/client")["withClient"],
): Promise<Outcome> {
  const askedAt = performance.now();
  let gotAt = 0;
  let backend = 0;
  let error = "";
  try {
    await withClient(async (client) => {
      gotAt = performance.now();
      const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid, pg_sleep(0.05)");
      backend = rows[0]?.pid ?? 0;
    });
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  const endedAt = performance.now();
  return { number, backend, waitMs: (gotAt || endedAt) - askedAt, runMs: gotAt ? endedAt - gotAt : 0, error };
}
