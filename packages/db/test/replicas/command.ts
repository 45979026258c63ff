// Writes and reads back through a replica whose replay stops and goes on at random, and compares what a read with a position costs.
import { waitFor } from "@openhouse/pool-testing";
import { eq, sql } from "drizzle-orm";
import { disconnect, forTenant, getPoolStats, type ReadToken } from "../../src/client.ts";
import { developments } from "../../src/schema/index.ts";
import { startReplicated, stutter } from "../support/replicated.ts";
import { COOPERS_QUAY, HARBOUR } from "../support/tenants.ts";

const PAIRS = Number(process.argv[2] ?? 10_000);
const ROUNDS = 40;
const READS_A_ROUND = 200;

const servers = await startReplicated(1);
process.env.DATABASE_URL = servers.appUrl;
process.env.DATABASE_URL_REPLICAS = servers.replicaUrls.join();

const write = (address: string) =>
  forTenant(HARBOUR).withPosition((db) =>
    db.update(developments).set({ address }).where(eq(developments.id, COOPERS_QUAY)),
  );
const read = (after?: ReadToken) =>
  forTenant(HARBOUR)
    .onReplica({ after })
    .select({ address: developments.address, isStandby: sql<boolean>`pg_is_in_recovery()` })
    .from(developments)
    .where(eq(developments.id, COOPERS_QUAY));

async function stalePairs(count: number, withToken: boolean): Promise<number> {
  let stale = 0;
  for (let pair = 0; pair < count; pair++) {
    const address = String(pair);
    const { position } = await write(address);
    const [seen] = await read(withToken ? position : undefined);
    if (seen?.address !== address) stale++;
  }
  return stale;
}

async function millisecondsOf(after: ReadToken | undefined): Promise<number> {
  const startedAtMs = performance.now();
  for (let each = 0; each < READS_A_ROUND; each++) await read(after);
  return performance.now() - startedAtMs;
}

/** @returns reads a second with a position, in parts of those without: the median of pairs that take turns to be first. */
async function costOfGuard(): Promise<number> {
  const { position } = await write("warm");
  await waitFor(async () => (await read(position))[0]?.isStandby === true, {
    what: "the replica to have it",
  });
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = round % 2 === 0 ? [position, undefined] : [undefined, position];
    const [one, two] = [await millisecondsOf(first), await millisecondsOf(second)];
    ratios.push(first === undefined ? one / two : two / one);
  }
  return ratios.sort((one, two) => one - two)[ROUNDS / 2] ?? 0;
}

try {
  forTenant(HARBOUR).onReplica();
  await read();
  await waitFor(() => getPoolStats().replicas?.[0]?.skipped === undefined, {
    what: "the replica to be asked",
  });
  const [standby] = servers.onStandbys;
  if (standby === undefined) throw new Error("there is a standby");
  const ratio = await costOfGuard();
  const stop = stutter(standby);
  const stale = await stalePairs(PAIRS, true);
  const control = await stalePairs(Math.max(50, PAIRS / 20), false);
  await stop();
  const { reads = 0, fallbacks = {} } = getPoolStats().replicas?.[0] ?? {};
  console.log(
    `${PAIRS} pairs with a position: ${stale} stale; ${Math.max(50, PAIRS / 20)} without: ${control} stale`,
  );
  console.log(`the replica served ${reads} reads; to the primary went ${JSON.stringify(fallbacks)}`);
  console.log(
    `a read with a position, to one without: ${ratio.toFixed(3)} (median of ${ROUNDS} pairs, at least 0.95)`,
  );
  if (stale > 0 || control === 0 || ratio < 0.95) process.exitCode = 1;
} finally {
  await disconnect();
  await servers.stop();
}
