import { waitFor } from "@openhouse/pool-testing";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const quiet = new Logger(() => () => {});

test("graphile-worker is told of a job by NOTIFY, runs it to completion, and stops", async () => {
  // It keeps one connection that listens, and takes others for its jobs.
  const pool = database.pool({ max: 3 });
  // It warns where nobody listens, because it expects handlers for the clients' errors there; ours have them.
  pool.on("connect", () => {});
  const utils = await makeWorkerUtils({ pgPool: pool, logger: quiet });
  await utils.migrate();

  let done: (payload: unknown) => void = () => {};
  const payload = new Promise((resolve) => {
    done = resolve;
  });
  const runner = await run({
    pgPool: pool,
    logger: quiet,
    noHandleSignals: true,
    concurrency: 1,
    pollInterval: 60_000, // only the notification is fast enough
    taskList: { greet: (given) => done(given) },
  });
  await utils.addJob("greet", { name: "Ann" });
  expect(await payload).toEqual({ name: "Ann" });
  // Its stop() may resolve before the job under way is marked as done, with a plain pg.Pool too.
  const jobs = "select count(*)::int as left from graphile_worker.jobs";
  await waitFor(async () => (await pool.query(jobs)).rows[0].left === 0, { what: "the job to be done" });

  await runner.stop();
  await utils.release();
  await waitFor(() => pool.idleCount === pool.totalCount, { what: "all it has taken to be back" });
});
