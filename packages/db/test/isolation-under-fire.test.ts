import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type FaultProxy, startFaultProxy, waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { disconnect, getPoolStats } from "../src/client.ts";
import { keepCalling, ORDINARY_TURNS } from "./fire/callers.ts";
import { keepBurning } from "./fire/fire.ts";
import { HOSTILE_TURNS } from "./fire/hostile.ts";
import { Ledger } from "./fire/ledger.ts";
import { randomFrom } from "./fire/random.ts";
import { allowEverything, createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { APP } from "./support/template.ts";
import { HARBOUR, NORTHGATE } from "./support/tenants.ts";

const FIRE_MS = Number(process.env.FIRE_MS ?? 10_000);
const SEED = Number(process.env.FIRE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const MAX = 8;
/** More than there are connections, so that each goes from hand to hand. */
const CALLERS = 3 * MAX;

let database: TenantDatabase;
let superuser: pg.Client;
let proxy: FaultProxy;
const tenantIds = [HARBOUR, NORTHGATE, ...Array.from({ length: 4 }, () => randomUUID())];

beforeAll(async () => {
  database = await createTenantDatabase();
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  await allowEverything(superuser);
  for (const tenantId of tenantIds.slice(2)) {
    await superuser.query("insert into tenants (tenant_id, name, slug) values ($1, $2, $2)", [
      tenantId,
      `fire ${tenantId}`,
    ]);
  }
  const { hostname, port } = new URL(database.appUrl);
  proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  vi.stubEnv("DATABASE_URL", proxy.url(database.appUrl));
  vi.stubEnv("DB_POOL_MAX", String(MAX));
  vi.stubEnv("DB_POOL_CONN_TIMEOUT_MS", "3000");
  vi.stubEnv("DB_QUERY_TIMEOUT_MS", "800");
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

afterAll(async () => {
  await disconnect();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await proxy.close();
  await superuser.end();
  await database.drop();
});

test("under fire, and with attackers among the callers, no tenant meets another, and every write is what its caller was told", {
  timeout: 3 * FIRE_MS + 30_000,
}, async () => {
  const ledger = new Ledger();
  const before = await othersRows();
  let over = false;
  const stopped = () => over;
  const fire = keepBurning(
    {
      server: superuser,
      proxy,
      random: randomFrom(SEED),
      turns: () => ledger.turns,
      count: (fault) => ledger.count(fault),
    },
    stopped,
  );
  const callers = Array.from({ length: CALLERS }, (_, index) =>
    keepCalling(
      index % 2 === 0 ? ORDINARY_TURNS : HOSTILE_TURNS,
      { ledger, tenantIds, random: randomFrom(SEED + index + 1) },
      stopped,
    ),
  );

  await pause(FIRE_MS);
  // A slow machine gets the time it takes for this to mean something.
  await waitFor(() => enough(ledger), { timeoutMs: 2 * FIRE_MS, what: "enough to have happened" });
  over = true;
  await fire;
  await Promise.all(callers);
  await waitFor(noneWorking, { timeoutMs: 5_000, what: "the last backends to be done" });
  const wrong = await ledger.wrong(superuser);
  console.log(
    JSON.stringify({
      seed: SEED,
      rowsSeen: ledger.rowsSeen,
      foreign: ledger.foreign.length,
      wrong: wrong.length,
    }),
    ledger.counts,
  );

  expect(ledger.foreign).toEqual([]);
  expect(wrong).toEqual([]);
  expect(await othersRows()).toEqual(before);

  await waitFor(() => getPoolStats().closingCount === 0, { what: "what was cut to be gone" });
  await waitFor(() => getPoolStats().idleCount === getPoolStats().totalCount, { what: "all to be idle" });
  expect(getPoolStats()).toMatchObject({ usedCount: 0, waitingCount: 0 });
});

function enough({ counts, rowsSeen }: Ledger): boolean {
  const { "told done": done = 0, "told not done": notDone = 0, "told unknown": unknown = 0 } = counts;
  return done > 100 && notDone > 50 && unknown > 0 && rowsSeen > 1_000;
}

/** What nobody is to write: rows that are not of the fire. */
async function othersRows(): Promise<unknown[]> {
  const { rows } = await superuser.query(
    "select tenant_id, id, name, address from developments where name not like 'fire-%' order by 1, 2",
  );
  return rows;
}

/** A backend that was cut off may still be at work: what it commits is to be in the table when that is read. */
async function noneWorking(): Promise<boolean> {
  const { rows } = await superuser.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where usename = $1 and datname = current_database() and state <> 'idle'",
    [APP.name],
  );
  return rows[0]?.n === 0;
}
