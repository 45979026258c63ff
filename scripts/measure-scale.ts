import { randomBytes, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { asSuperuser } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { createMigratedDatabase, onServer, queryRow } from "@openhouse/tooling/measure/database";
import { sql } from "drizzle-orm";
import type pg from "pg";

const USAGE = `npm run measure:scale -- [--tenants 100,1000,10000,100000]
  What grows with the number of tenants, on a server of its own: bytes on disk, pages that a read touches, its planning and
  its time, write-ahead log of a write, memory of a backend. The figures of docs/SCALE.md. Each tenant has one development,
  ten units, ten homeowners and ten sessions.`;
const HOMES = 10;
const READS = 500;
const WRITES = 500;

interface Figures {
  readonly tenants: number;
  readonly bytesPerTenant: number;
  readonly pages: number;
  readonly planningMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly walBytes: number;
  readonly backendKb: number;
}

await main(async () => {
  const sizes = readSizes();
  const server = await onServer(
    { name: "scale", temporary: true, settings: { shared_buffers: "256MB", max_wal_size: "4GB" } },
    async (server) => server,
  );
  try {
    process.env.TENANT_SIGNING_KEY = randomBytes(36).toString("base64");
    const { superuserUrl, appUrl } = await createMigratedDatabase(server.url, "scale", "openhouse_app");
    process.env.DATABASE_URL = appUrl;
    const all: Figures[] = [];
    for (const [index, tenants] of sizes.entries()) {
      console.log(`${tenants} tenants: filling`);
      await asSuperuser(superuserUrl, (client) => fill(client, sizes[index - 1] ?? 0, tenants));
      console.log(`${tenants} tenants: measuring`);
      all.push(await measure(superuserUrl, tenants));
    }
    console.log(`\n${figuresTable(all)}`);
  } finally {
    const { disconnect } = await import("@openhouse/db/client");
    await disconnect();
    await server.stop("immediate");
  }
  return 0;
});

function readSizes(): number[] {
  const { values } = readArguments(USAGE, { options: { tenants: { type: "string" } } });
  const sizes = (values.tenants ?? "100,1000,10000,100000").split(",").map(Number);
  const isRising = sizes.every((size, index) => size > (sizes[index - 1] ?? 0));
  if (!isRising || sizes.some((size) => !Number.isSafeInteger(size)))
    throw new UserError(`--tenants must be whole numbers that rise.\n${USAGE}`);
  return sizes;
}

/** Ids that tell whose they are: tenant 7's third home is `…-000000000007` with a 3 in its third group. */
function id(kind: number, tenant: string, home = "0"): string {
  return `('${kind}0000000-0000-' || lpad((${home})::text, 4, '0') || '-8000-' || lpad(to_hex(${tenant}), 12, '0'))::uuid`;
}

async function fill(client: pg.Client, from: number, to: number): Promise<void> {
  const tenants = `generate_series(${from + 1}, ${to}) as t`;
  const homes = `${tenants}, generate_series(1, ${HOMES}) as h`;
  // Foreign keys are right by construction, and looking each one up would take most of the time.
  await client.query("set session_replication_role = replica");
  const owner = id(1, "t");
  await client.query(
    `insert into tenants (tenant_id, name, slug) select ${owner}, 'Company ' || t, 'company-' || t from ${tenants}`,
  );
  await client.query(
    `insert into developments (tenant_id, id, name, address, stage)
       select ${owner}, ${id(2, "t")}, 'Field ' || t, '1 Street', 'building' from ${tenants}`,
  );
  await client.query(
    `insert into units (tenant_id, id, development_id, label, kind, bedrooms, floor_area_m2)
       select ${owner}, ${id(3, "t", "h")}, ${id(2, "t")}, 'House ' || h, 'house', 3, 90 from ${homes}`,
  );
  await client.query(
    `insert into homeowners (tenant_id, id, unit_id, name, email)
       select ${owner}, ${id(4, "t", "h")}, ${id(3, "t", "h")}, 'Person ' || h, 'p' || h || '@example.com' from ${homes}`,
  );
  await client.query(
    `insert into sessions (tenant_id, id, homeowner_id, expires_at)
       select ${owner}, ${id(5, "t", "h")}, ${id(4, "t", "h")}, now() + interval '30 days' from ${homes}`,
  );
  await client.query("vacuum analyze tenants, developments, units, homeowners, sessions");
}

async function measure(superuserUrl: string, tenants: number): Promise<Figures> {
  const { forTenant, withClient } = await import("@openhouse/db/client");
  const scope = () => {
    const tenant = randomInt(1, tenants + 1)
      .toString(16)
      .padStart(12, "0");
    const development = sql.raw(`'20000000-0000-0000-8000-${tenant}'`);
    const db = forTenant(`10000000-0000-0000-8000-${tenant}`);
    const homeowner = sql.raw(`'40000000-0000-0001-8000-${tenant}'`);
    return {
      db,
      homeowner,
      read: sql`select id, label, kind from units where development_id = ${development}`,
    };
  };
  const timesMs: number[] = [];
  for (let read = 0; read < READS; read++) {
    const { db, read: statement } = scope();
    const startedAtMs = performance.now();
    const { rows } = await db.execute(statement);
    timesMs.push(performance.now() - startedAtMs);
    if (rows.length !== HOMES) throw new Error(`a tenant sees ${rows.length} of its ${HOMES} units`);
  }
  timesMs.sort((a, b) => a - b);
  const plans: { pages: number; planningMs: number }[] = [];
  for (let look = 0; look < 20; look++) {
    const { db, read: statement } = scope();
    const { rows } = await db.execute(sql`explain (analyze, buffers, format json) ${statement}`);
    const [plan] = Object.values(rows[0] ?? {})[0] as [ExplainedPlan];
    plans.push({
      pages: plan.Plan["Shared Hit Blocks"] + plan.Plan["Shared Read Blocks"],
      planningMs: plan["Planning Time"],
    });
  }
  const before = await logPosition(superuserUrl);
  for (let write = 0; write < WRITES; write++) {
    const { db, homeowner } = scope();
    await db.execute(sql`update sessions set last_seen_at = now() where homeowner_id = ${homeowner}`);
  }
  const walBytes = (Number(await logPosition(superuserUrl)) - Number(before)) / WRITES;
  const pid = await withClient(async (client) => {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    return rows[0]?.pid ?? 0;
  });
  const size = await queryRow<{ bytes: string }>(
    superuserUrl,
    `select sum(pg_total_relation_size(relname::regclass)) as bytes from pg_class
      where relname in ('tenants', 'developments', 'units', 'homeowners', 'sessions')`,
  );
  return {
    tenants,
    bytesPerTenant: Math.round(Number(size?.bytes) / tenants),
    pages: median(plans.map((each) => each.pages)),
    planningMs: median(plans.map((each) => each.planningMs)),
    p50Ms: timesMs[Math.floor(READS / 2)] ?? 0,
    p99Ms: timesMs[Math.floor(READS * 0.99)] ?? 0,
    walBytes: Math.round(walBytes),
    backendKb: ownKb(pid),
  };
}

/** The parts of EXPLAIN's JSON that are read here. */
interface ExplainedPlan {
  readonly Plan: { readonly "Shared Hit Blocks": number; readonly "Shared Read Blocks": number };
  readonly "Planning Time": number;
}

async function logPosition(superuserUrl: string): Promise<string> {
  const found = await queryRow<{ at: string }>(
    superuserUrl,
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as at",
  );
  return found?.at ?? "0";
}

/** What a backend has for itself alone, without the server's shared memory: that is not anonymous. */
function ownKb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Anonymous:\s+(\d+) kB$/m.exec(rollup)?.[1]);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function figuresTable(all: readonly Figures[]): string {
  return table(
    [
      "tenants",
      "kB a tenant",
      "pages a read",
      "planning ms",
      "read p50 ms",
      "p99 ms",
      "WAL a write",
      "backend MB",
    ],
    all.map((each) => [
      each.tenants,
      (each.bytesPerTenant / 1_000).toFixed(1),
      each.pages,
      each.planningMs.toFixed(2),
      each.p50Ms.toFixed(2),
      each.p99Ms.toFixed(2),
      each.walBytes,
      (each.backendKb / 1_000).toFixed(1),
    ]),
  );
}
