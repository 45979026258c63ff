import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  asSuperuser,
  type EmbeddedPostgres,
  type FaultProxy,
  repositoryRoot,
  startFaultProxy,
  waitFor,
  withDatabase,
} from "@openhouse/pool-testing";
import { createMigratedDatabase, onServer } from "@openhouse/tooling/measure/database";
import { describeMachine, type Machine } from "@openhouse/tooling/measure/machine";
import pg from "pg";
import { peerVersion } from "../clients/peer.ts";
import { HOMES, NOTES_PER_TENANT, RESIDENTS_PER_HOME, TENANTS } from "../clients/rows.ts";
import { pgbenchVersion } from "./pgbench.ts";

const ROLE = "openhouse_bench";
const DATABASE = "bench";
const SLOW_DATABASE = "bench_slow_sign_in";

/** Of the server. A temporary cluster has fsync off already; the rest is so that nothing runs beside the work. */
const SERVER_SETTINGS = {
  max_connections: "400",
  shared_buffers: "256MB",
  synchronous_commit: "off",
  autovacuum: "off",
  max_wal_size: "4GB",
  checkpoint_timeout: "1h",
};

/** The server that is measured, with its rows, and the proxy that can make its network long. */
export interface BenchEnvironment {
  readonly machine: Machine;
  readonly proxy: FaultProxy;
  /** As the role that row-level security binds. */
  readonly url: string;
  readonly slowSignInUrl: string;
  readonly superuserUrl: string;
  execute(sql: string): Promise<void>;
  /** Backends of the role that the server has had so far, those that have ended. */
  sessions(): Promise<number>;
  stop(): Promise<void>;
}

export function openEnvironment(): Promise<BenchEnvironment> {
  return onServer({ name: "bench", settings: SERVER_SETTINGS }, async (server) => {
    if (server.shared)
      throw new Error("another bench runs in this checkout: the two would measure each other");
    // For the migration, and for the processes that measure.
    process.env.TENANT_SIGNING_KEY = randomBytes(36).toString("base64");
    const { superuserUrl, appUrl } = await createMigratedDatabase(server.url, DATABASE, ROLE);
    await fill(server, superuserUrl);
    const superuser = new pg.Client({ connectionString: superuserUrl });
    superuser.on("error", () => {});
    await superuser.connect();
    const proxy = await startFaultProxy({ host: server.host, port: server.port });
    const number = async (sql: string) => Number((await superuser.query<{ n: string }>(sql)).rows[0]?.n);
    return {
      machine: describe(String((await superuser.query("show server_version")).rows[0]?.server_version)),
      proxy,
      url: appUrl,
      slowSignInUrl: withDatabase(appUrl, SLOW_DATABASE),
      superuserUrl,
      execute: async (sql) => void (await superuser.query(sql)),
      async sessions() {
        // A backend is counted for good once it has ended, a moment after its client.
        const left = `select count(*) as n from pg_stat_activity where usename = '${ROLE}'`;
        await waitFor(async () => (await number(left)) === 0, { what: "the server to see its clients gone" });
        return number(
          `select sum(sessions) as n from pg_stat_database where datname in ('${DATABASE}', '${SLOW_DATABASE}')`,
        );
      },
      async stop() {
        await superuser.end().catch(() => {});
        await proxy.close();
        await server.stop("immediate");
      },
    };
  });
}

async function fill(server: EmbeddedPostgres, superuserUrl: string): Promise<void> {
  await asSuperuser(superuserUrl, (client) => client.query(`${TABLES};${ROWS}`));
  await asSuperuser(superuserUrl, (client) => client.query("vacuum analyze"));
  await asSuperuser(server.url, (client) =>
    client.query(`create database ${SLOW_DATABASE} template ${DATABASE}`),
  );
  await asSuperuser(withDatabase(server.url, SLOW_DATABASE), (client) => client.query(SLOW_SIGN_IN));
}

function describe(serverVersion: string): Machine {
  const ours = ["pg", "drizzle-orm", "kysely"].map((name) => {
    const manifest = readFileSync(join(repositoryRoot(), "node_modules", name, "package.json"), "utf8");
    return [name, JSON.parse(manifest).version];
  });
  const peers = ["postgres", "@prisma/client", "@prisma/adapter-pg"].map((name) => [
    name,
    peerVersion(name) ?? "not installed",
  ]);
  const settings = Object.entries(SERVER_SETTINGS).map(([name, value]) => `${name}=${value}`);
  return describeMachine("server and client", {
    PostgreSQL: `${serverVersion}, on loopback; fsync=off ${settings.join(" ")}`,
    pgbench: pgbenchVersion() ?? "not installed: raw pg with named statements on every core instead",
    ...Object.fromEntries([...ours, ...peers]),
  });
}

const TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid";
/** As the portals' policies have it: a token that is checked. */
const SIGNED = "(select tenant from guard.current_tenant)";
const secured = (table: string, tenant: string) => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy own on ${table} using (tenant_id = ${tenant}) with check (tenant_id = ${tenant})`;

const TABLES = `
  create table homes (id int primary key, label text not null, kind text not null, bedrooms int not null, floor_area float8 not null, handover_at timestamptz not null);
  create table residents (id int primary key, home_id int not null references homes, name text not null, email text not null);
  create table visits (id int primary key generated always as identity, home_id int not null, note text not null, at timestamptz not null default now());
  create table keyed (key int primary key, label text not null);
  create table notes (tenant_id uuid not null default ${TENANT}, id int not null, body text not null, updated_at timestamptz not null default now(), primary key (tenant_id, id));
  create table open_notes (like notes including all);
  create table tenant_visits (tenant_id uuid not null default ${TENANT}, id int primary key generated always as identity, note text not null);
  create table signed_notes (like notes including all);
  create table signed_visits (like tenant_visits including all);
  alter table signed_visits alter tenant_id set default guard.tenant()`;

const ROWS = `
  insert into homes select n, 'Home ' || n, (array['house', 'flat', 'maisonette'])[1 + n % 3], 1 + n % 5, 50 + n % 100, '2026-03-01'::timestamptz + n % 300 * interval '1 day' from generate_series(1, ${HOMES}) as n;
  insert into residents select n, 1 + (n - 1) / ${RESIDENTS_PER_HOME}, 'Resident ' || n, 'resident' || n || '@example.com' from generate_series(1, ${HOMES * RESIDENTS_PER_HOME}) as n;
  create index on residents (home_id);
  insert into open_notes select ('00000000-0000-4000-8000-' || lpad(t::text, 12, '0'))::uuid, n, 'The boiler of home ' || n || ' was serviced in spring.' from generate_series(1, ${TENANTS}) as t, generate_series(1, ${NOTES_PER_TENANT}) as n;
  insert into notes select * from open_notes;
  insert into signed_notes select * from open_notes;
  ${secured("notes", TENANT)};
  ${secured("tenant_visits", TENANT)};
  ${secured("signed_notes", SIGNED)};
  ${secured("signed_visits", SIGNED)};
  grant select, insert, update, delete on homes, residents, visits, keyed, notes, open_notes, tenant_visits, signed_notes, signed_visits to ${ROLE}`;

const SLOW_SIGN_IN = `
  create function slow_sign_in() returns event_trigger language plpgsql as $$ begin perform pg_sleep(0.1); end $$;
  create event trigger slow_sign_in on login execute function slow_sign_in()`;
