import { Pool } from "@openhouse/pool";
import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { type Balance, startLedgerWriters } from "@openhouse/tooling/faults/failover-ledger";
import { startPair } from "@openhouse/tooling/faults/server-pair";

const USAGE = `npm run scale:drills -- [--rounds 10]
  A primary is killed with -9 under eight writers and its standby promoted, as often as --rounds says, each time on servers of its own:
  with a synchronous standby, and without. A ledger holds what writers were told against what the new primary has. Exits with 1 where
  something was doubled or wrongly told, or lost with a synchronous standby.`;
/** Writes before the kill, and after the promotion. */
const LOAD = 300;
const MOST_ROUNDS = 1_000;

interface Drill extends Balance {
  readonly synchronous: boolean;
  /** From the kill until the standby took writes, in milliseconds. */
  readonly promotedMs: number;
}

await main(async () => {
  const rounds = readRounds();
  const drills: Drill[] = [];
  for (const synchronous of [true, false]) {
    for (let round = 1; round <= rounds; round++) {
      const drill = await killAndPromote(synchronous);
      drills.push(drill);
      console.log(`${nameOf(drill)} ${round} of ${rounds}: ${JSON.stringify(drill)}`);
    }
  }
  console.log(`\n${summary(drills)}`);
  const isWrong = (drill: Drill) =>
    drill.doubled + drill.wronglyTold > 0 || (drill.synchronous && drill.lost > 0);
  return drills.some(isWrong) ? 1 : 0;
});

function readRounds(): number {
  const { values } = readArguments(USAGE, { options: { rounds: { type: "string" } } });
  const rounds = Number(values.rounds ?? 10);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST_ROUNDS) return rounds;
  throw new UserError(`--rounds must be a whole number from 1 to ${MOST_ROUNDS}.\n${USAGE}`);
}

async function killAndPromote(synchronous: boolean): Promise<Drill> {
  const servers = await startPair({ synchronous });
  const { primary, standby } = servers;
  const pool = new Pool({
    connectionString: servers.url(),
    max: 8,
    min: 0,
    pooler: "none",
    connectionTimeoutMillis: 20_000,
  });
  try {
    const writers = startLedgerWriters(pool);
    await waitFor(() => writers.doneCount > LOAD, { timeoutMs: 20_000, what: "load" });
    const killedAtMs = performance.now();
    await primary.kill();
    await standby.promote();
    const promotedMs = Math.round(performance.now() - killedAtMs);
    const before = writers.doneCount;
    await waitFor(() => writers.doneCount > before + LOAD, {
      timeoutMs: 30_000,
      what: "load on the new primary",
    });
    await writers.stop();
    const balance = await asSuperuser(standby.url, (client) => writers.balance(client));
    return { synchronous, promotedMs, ...balance };
  } finally {
    await pool.end();
    await servers.stop();
  }
}

function nameOf({ synchronous }: Pick<Drill, "synchronous">): string {
  return synchronous ? "synchronous" : "asynchronous";
}

function summary(drills: readonly Drill[]): string {
  const head = ["standby", "drills", "done", "not done", "unknown", "lost", "doubled", "wrongly told"];
  const rows = [true, false].map((synchronous) => {
    const own = drills.filter((drill) => drill.synchronous === synchronous);
    const sum = (name: Exclude<keyof Balance, "gapMs">) =>
      String(own.reduce((total, each) => total + each[name], 0));
    const range = (name: "gapMs" | "promotedMs") => {
      const sorted = own.map((each) => each[name]).sort((one, other) => one - other);
      return `${sorted[Math.floor(sorted.length / 2)]} / ${sorted.at(-1)}`;
    };
    return [
      nameOf({ synchronous }),
      String(own.length),
      ...(["done", "notDone", "unknown", "lost", "doubled", "wronglyTold"] as const).map(sum),
      range("promotedMs"),
      range("gapMs"),
    ];
  });
  return table([...head, "promoted ms, median / most", "gap ms, median / most"], rows);
}
