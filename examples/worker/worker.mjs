import { setTimeout as sleep } from "node:timers/promises";
import { classifyError, poolFromUrl } from "@openhouse/pool";
import { beginDraining, closeOnSignals, lifecycleState } from "@openhouse/pool/process";

const WORKERS = 3;
/** What a worker waits where there is no job. */
const PAUSE_MS = 200;
/** How long a job under way may take when the process is asked to end. */
const END_MS = 10_000;

// One connection a worker, and one for whoever adds jobs.
const pool = poolFromUrl(process.env.DATABASE_URL, { max: WORKERS + 1 });

await pool.query(`
  create table if not exists job (
    id bigint generated always as identity primary key,
    recipient text not null,
    done_at timestamptz,
    done_by int
  )`);
await pool.query("insert into job (recipient) select 'user-' || n from generate_series(1, $1::int) as n", [
  Number(process.env.JOBS ?? 12),
]);

const workers = Promise.all(Array.from({ length: WORKERS }, (_, index) => work(index + 1)));
closeOnSignals(async () => {
  beginDraining(); // the workers take no further job
  await workers;
  await pool.end({ timeoutMs: END_MS });
});
await workers;

async function work(worker) {
  while (lifecycleState() === "open") {
    try {
      if (!(await runNextJob(worker))) await sleep(PAUSE_MS);
    } catch (error) {
      const { kind, unavailable } = classifyError(error);
      console.error(`worker ${worker}: ${kind}`);
      // The database is away: the job is back in the queue, as its transaction was never committed.
      if (!unavailable && kind !== "commit_unknown") throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** Takes a job that no other worker has, and does it before the transaction ends. @returns whether there was one. */
async function runNextJob(worker) {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query("begin");
    const { rows } = await client.query(
      "select id, recipient from job where done_at is null order by id limit 1 for update skip locked",
    );
    const [job] = rows;
    if (job !== undefined) {
      await send(job);
      await client.query("update job set done_at = now(), done_by = $2 where id = $1", [job.id, worker]);
    }
    await client.query("commit");
    isBroken = false;
    if (job !== undefined) console.log(`worker ${worker}: job ${job.id} done`);
    return job !== undefined;
  } finally {
    client.release(isBroken);
  }
}

/** Stands for the work. It may be done twice where the process dies before the commit, so it has to bear that. */
async function send(job) {
  await sleep(job.recipient.length * 2);
}
