import { randomBytes } from "node:crypto";
import { createServer, type Socket, connect as tcpConnect } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Level } from "../src/index.ts";
import { DOCTOR_FILE, faultsIn, type Look, lookAt, openPatient, type Patient } from "./support/planted.ts";

interface Plant {
  readonly id: string;
  readonly level: Level;
  readonly object?: string;
  /** Part of what is told. */
  readonly what: string | RegExp;
  readonly change: string | RegExp;
  /** As a superuser. */
  readonly sql?: (patient: Patient) => string;
  /** Takes it back, for the plant that comes next. */
  readonly undo?: (patient: Patient) => string;
  readonly how?: (patient: Patient) => Promise<Look | undefined>;
  readonly look?: Look;
}

const IGNORED = DOCTOR_FILE.ignore ?? [];
const OWN = "tenant_id = (select tenant from guard.current_tenant)";
const SECURED = `
  alter table widgets enable row level security, force row level security;
  create policy own on widgets using (${OWN}) with check (${OWN});`;
const WIDGETS =
  "create table widgets (tenant_id uuid not null, id int not null, primary key (tenant_id, id));";
const LAST = "created_at = (select max(created_at) from drizzle.__drizzle_migrations)";
const ofApp =
  (change: string) =>
  ({ app, database }: Patient) =>
    `alter role ${app} in database ${database.name} ${change}`;

const PLANTS: Record<string, Plant> = {
  "a misspelt setting": {
    id: "environment",
    level: "warn",
    what: "DB_POOL_MAXX is not a setting",
    change: "setting",
    look: { env: { DB_POOL_MAXX: "3" } },
  },
  "a setting that is no number": {
    id: "environment",
    level: "wrong",
    what: 'DB_POOL_MAX is "abc"',
    change: "setting",
    look: { env: { DB_POOL_MAX: "abc" } },
  },
  "a wrong password": {
    id: "connect",
    level: "wrong",
    object: "DATABASE_URL",
    what: "auth (28P01)",
    change: "password",
    how: async ({ database }) => {
      const url = new URL(database.appUrl);
      url.password = "not-this-one";
      return { env: { DATABASE_URL: url.href } };
    },
  },
  "a clock that is three seconds behind": {
    id: "clock",
    level: "wrong",
    what: /is [23]\d{3} ms ahead of this machine's/,
    change: "NTP",
    look: { options: { now: () => Date.now() - 3_000 } },
  },
  "a version that has ended": {
    id: "server_version",
    level: "wrong",
    what: "has ended on",
    change: "upgrade to",
    look: { options: { now: () => Date.parse("2040-01-01") } },
  },
  "a database that takes no writes": {
    id: "read_only",
    level: "wrong",
    object: "default_transaction_read_only",
    what: "read-only by a setting",
    change: /^alter database test_\w+ reset default_transaction_read_only$/,
    sql: ({ database }) => `alter database ${database.name} set default_transaction_read_only = on`,
    undo: ({ database }) => `alter database ${database.name} reset default_transaction_read_only`,
  },
  "fewer connections than the instances may open": {
    id: "capacity",
    level: "wrong",
    what: "= 42, more than 30, the limit of the database",
    change: /^DB_POOL_MAX=6; or alter database test_\w+ connection limit -1$/,
    sql: ({ database }) => `alter database ${database.name} connection limit 30`,
    undo: ({ database }) => `alter database ${database.name} connection limit -1`,
  },
  "fewer connections than a rolling deploy opens": {
    id: "capacity",
    level: "warn",
    what: "twice in a rolling deploy, more than 60",
    change: "DB_POOL_MAX=14",
    sql: ({ database }) => `alter database ${database.name} connection limit 60`,
    undo: ({ database }) => `alter database ${database.name} connection limit -1`,
  },
  "a pooler": {
    id: "pooler",
    level: "note",
    what: "a pooler in session mode",
    change: "",
    how: async (patient) => ({ env: { DATABASE_URL: await startPooler(patient) } }),
  },
  "a pool that is too small": {
    id: "pool_size",
    level: "warn",
    what: "18 busy of 20: 26 are needed",
    change: "DB_POOL_MAX=26",
    look: { options: { load: { busy: 18, holdMs: 40 } } },
  },
  "a role that row-level security does not bind": {
    id: "role_bound",
    level: "wrong",
    what: "is allowed BYPASSRLS",
    change: "an ordinary role",
    how: (patient) => asRole(patient, (role) => `alter role ${role} bypassrls`),
  },
  "a role that reads all tables": {
    id: "role_powers",
    level: "warn",
    object: "pg_read_all_data",
    what: "has pg_read_all_data",
    change: /^revoke pg_read_all_data from doctor_\w+$/,
    // Without a grant of its own it reaches every table, also those that the portals' role does not.
    how: (patient) =>
      asRole(patient, (role) => `grant pg_read_all_data to ${role} with inherit false, set true`),
  },
  "a table without row-level security": {
    id: "rls_off",
    level: "wrong",
    object: "public.widgets",
    what: "row-level security is off",
    change: "alter table public.widgets enable row level security, force row level security",
    sql: ({ app }) => `${WIDGETS} grant select on widgets to ${app}`,
    undo: () => "drop table widgets",
  },
  "a table without a tenant": {
    id: "rls_off",
    level: "warn",
    object: "public.countries",
    what: "public.countries has no tenant_id",
    change: "enable row level security",
    sql: ({ app }) => `create table countries (code text primary key); grant select on countries to ${app}`,
    undo: () => "drop table countries",
  },
  "row-level security without a policy": {
    id: "rls_no_policy",
    level: "warn",
    object: "public.widgets",
    what: "there is no policy",
    change: "create policy",
    sql: ({ app }) => `${WIDGETS} ${SECURED} drop policy own on widgets; grant select on widgets to ${app}`,
    undo: () => "drop table widgets",
  },
  "row-level security that is not forced": {
    id: "rls_forced",
    level: "warn",
    object: "public.units",
    what: "public.units is not forced",
    change: "alter table public.units force row level security",
    sql: () => "alter table units no force row level security",
    undo: () => "alter table units force row level security",
  },
  "a tenant that may be null": {
    id: "tenant_nullable",
    level: "warn",
    object: "public.widgets",
    what: "tenant_id of public.widgets may be null",
    change: "alter table public.widgets alter tenant_id set not null",
    sql: () =>
      `create table widgets (tenant_id uuid, id int primary key); create index on widgets (tenant_id); ${SECURED}`,
    undo: () => "drop table widgets",
  },
  "a policy that lets everybody": {
    id: "policy_always_true",
    level: "wrong",
    object: "public.units",
    what: "everybody of public.units has using (true)",
    change: "alter policy everybody on public.units",
    sql: () => "create policy everybody on units for select using (true)",
    undo: () => "drop policy everybody on units",
  },
  "a policy that lets everybody write": {
    id: "policy_always_true",
    level: "wrong",
    object: "public.units",
    what: "with check (true)",
    change: "alter policy everybody on public.units",
    sql: () => "create policy everybody on units for insert with check (true)",
    undo: () => "drop policy everybody on units",
  },
  "a policy that fails without its setting": {
    id: "policy_setting",
    level: "warn",
    object: "public.units",
    what: "fails with 42704",
    change: "true)",
    sql: () => "create policy more on units using (tenant_id = (select current_setting('app.tenant'))::uuid)",
    undo: () => "drop policy more on units",
  },
  "a policy that asks for each row": {
    id: "policy_initplan",
    level: "warn",
    object: "public.units",
    what: "more of public.units calls current_setting('app.tenant'::text, true)",
    change: "(select current_setting('app.tenant'::text, true))",
    sql: () => "create policy more on units using (tenant_id = current_setting('app.tenant', true)::uuid)",
    undo: () => "drop policy more on units",
  },
  "a view that shows what its owner sees": {
    id: "view_owner",
    level: "warn",
    object: "public.everything",
    what: "its reader sees what its owner may see",
    change: "alter view public.everything set (security_invoker = true)",
    sql: ({ app }) => `create view everything as select * from units; grant select on everything to ${app}`,
    undo: () => "drop view everything",
  },
  "a definer function with its caller's path": {
    id: "definer_path",
    level: "warn",
    object: "public.units_of_all",
    what: "looks names up where its caller says",
    change: "alter function public.units_of_all set search_path",
    sql: () =>
      "create function units_of_all() returns bigint language sql security definer as 'select count(*) from units'",
    undo: () => "drop function units_of_all",
  },
  "no index for the tenant": {
    id: "tenant_index",
    level: "warn",
    object: "public.widgets",
    what: "no whole index begins with tenant_id",
    change: "create index concurrently on public.widgets (tenant_id",
    sql: () => `create table widgets (tenant_id uuid not null, id int primary key); ${SECURED}`,
    undo: () => "drop table widgets",
  },
  "no index for a foreign key": {
    id: "foreign_key_index",
    level: "warn",
    object: "public.widgets.widgets_parent",
    what: "no index begins with the columns",
    change: "create index concurrently on public.widgets (tenant_id, parent)",
    sql: () => `${WIDGETS} ${SECURED} alter table widgets add parent int,
      add constraint widgets_parent foreign key (tenant_id, parent) references widgets (tenant_id, id)`,
    undo: () => "drop table widgets",
  },
  "an invalid index": {
    id: "index_invalid",
    level: "warn",
    object: "public.half_built",
    what: "public.half_built is invalid",
    change: "reindex index concurrently public.half_built",
    sql: () => `create index half_built on units (tenant_id);
      update pg_index set indisvalid = false where indexrelid = 'half_built'::regclass`,
    undo: () => "drop index half_built",
  },
  "no bound for a statement": {
    id: "statement_timeout",
    level: "warn",
    what: "there is none",
    change: /^alter role \w+ in database test_\w+ set statement_timeout = '5min'$/,
    sql: ofApp("set statement_timeout = 0"),
    undo: ofApp("set statement_timeout = '5min'"),
  },
  "a bound for a statement below the pool's": {
    id: "statement_timeout",
    level: "note",
    what: "10000 ms, not above DB_QUERY_TIMEOUT_MS=30000",
    change: "statement_timeout = '36000ms'",
    sql: ofApp("set statement_timeout = '10s'"),
    undo: ofApp("set statement_timeout = '5min'"),
  },
  "no bound for a transaction that idles": {
    id: "idle_in_transaction_timeout",
    level: "warn",
    what: "there is none",
    change: "idle_in_transaction_session_timeout = '1min'",
    sql: ofApp("set idle_in_transaction_session_timeout = 0"),
    undo: ofApp("set idle_in_transaction_session_timeout = '1min'"),
  },
  "a bound for locks that has no effect": {
    id: "lock_timeout",
    level: "note",
    what: "600000 ms, not below statement_timeout",
    change: "lock_timeout = '3s'",
    sql: ofApp("set lock_timeout = '10min'"),
    undo: ofApp("reset lock_timeout"),
  },
  "a server that does not notice who is gone": {
    id: "connection_check",
    level: "warn",
    what: "it does not",
    change: "client_connection_check_interval = '10s'",
    sql: ofApp("set client_connection_check_interval = 0"),
    undo: ofApp("set client_connection_check_interval = '10s'"),
  },
  "a transaction that is forgotten": {
    id: "long_transactions",
    level: "warn",
    what: /^pid \d+, .*, for \d+ s, idle in transaction$/,
    change: /^select pg_terminate_backend\(\d+\)/,
    how: async ({ connect, database }) => {
      const client = await connect(database.appUrl);
      await client.query("begin; select 1");
      return { options: { longTransactionMs: 0 } };
    },
  },
  "a session that others wait for": {
    id: "blockers",
    level: "warn",
    what: /^pid \d+ keeps pid \d+ waiting$/,
    change: /^select pg_terminate_backend\(\d+\)$/,
    how: async ({ connect, database, later }) => {
      const holder = await connect(database.superuserUrl);
      await holder.query("begin; lock table units");
      const waiter = await connect(database.appUrl);
      const waiting = waiter.query("select from units").catch(() => {});
      later(async () => {
        await holder.query("rollback");
        await waiting;
      });
      return { options: { blockedMs: 100 } };
    },
  },
  "a sequence near its end": {
    id: "sequences",
    level: "wrong",
    object: "public.tickets_id_seq",
    what: "is at 2,000,000,000 of 2,147,483,647",
    change: /^alter table tickets alter id type bigint; alter sequence public.tickets_id_seq as bigint$/,
    sql: () => "create table tickets (id serial primary key); select setval('tickets_id_seq', 2000000000)",
    undo: () => "drop table tickets",
  },
  "a migration that is pending": {
    id: "migrations",
    level: "wrong",
    what: /^1 of \d+ are pending: \d{4}_\w+$/,
    change: "npm run db:migrate",
    sql: () => `update drizzle.__drizzle_migrations set created_at = created_at - 1 where ${LAST}`,
    undo: () => `update drizzle.__drizzle_migrations set created_at = created_at + 1 where ${LAST}`,
  },
  "an extension that is outdated": {
    id: "extensions",
    level: "note",
    object: "plpgsql",
    what: "plpgsql is 0.9",
    change: "alter extension plpgsql update",
    sql: () => "update pg_extension set extversion = '0.9' where extname = 'plpgsql'",
    undo: () => "update pg_extension set extversion = '1.0' where extname = 'plpgsql'",
  },
  "an exception without a reason": {
    id: "ignore",
    level: "warn",
    object: "rls_off public.gone",
    what: "has no reason",
    change: "doctor.json",
    how: async () => ({ ignore: [...IGNORED, { id: "rls_off", object: "public.gone" }] }),
  },
  "an exception that matches nothing": {
    id: "ignore",
    level: "warn",
    object: "rls_off public.gone",
    what: "matches nothing",
    change: "doctor.json",
    how: async () => ({
      ignore: [...IGNORED, { id: "rls_off", object: "public.gone", reason: "it was meant" }],
    }),
  },
};

/** A role of the test's own, since the portals' is every test's. */
async function asRole(patient: Patient, statement: (role: string) => string): Promise<Look> {
  const { database, superuser, app, later } = patient;
  const role = `doctor_${randomBytes(4).toString("hex")}`;
  await superuser.query(`create role ${role} login password '${role}'`);
  later(async () => {
    const server = await patient.connect(database.superuserUrl);
    await server.query(`drop owned by ${role}; drop role ${role}`);
  });
  await superuser.query(
    `grant connect on database ${database.name} to ${role};
     ${[
       "statement_timeout = '5min'",
       "idle_in_transaction_session_timeout = '1min'",
       "client_connection_check_interval = '10s'",
     ]
       .map((setting) => `alter role ${role} in database ${database.name} set ${setting}`)
       .join(";")};
     ${statement(role)}`,
  );
  const url = new URL(database.appUrl);
  [url.username, url.password] = [role, role];
  expect(url.username).not.toBe(app);
  return { env: { DATABASE_URL: url.href } };
}

/** Tells its clients a backend that is not theirs, as poolers do. */
async function startPooler({ database, later }: Patient): Promise<string> {
  const url = new URL(database.appUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = tcpConnect(Number(url.port), url.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.pipe(upstream);
    upstream.on("data", (data) => {
      const key = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
      if (key >= 0) data.writeInt32BE(data.readInt32BE(key + 5) ^ 1, key + 5);
      client.write(data);
    });
    upstream.on("end", () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  later(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  const pooled = new URL(url);
  pooled.port = String(address.port);
  return pooled.href;
}

let open: Awaited<ReturnType<typeof openPatient>>;
beforeAll(async () => {
  open = await openPatient();
});
afterEach(() => open.settle());
afterAll(() => open.close());

test("our own database has no fault, as the portals' role sees it and as the owner does", async () => {
  const { ownerUrl, appUrl } = open.patient.database;
  expect(faultsIn(await lookAt(open.patient))).toEqual([]);
  expect(faultsIn(await lookAt(open.patient, { env: { DATABASE_URL_OWNER: ownerUrl } }))).toEqual([]);
  expect(faultsIn(await lookAt(open.patient, { env: { DATABASE_URL_OWNER: appUrl } }))).toEqual([]);
});

test.each(Object.entries(PLANTS))("%s is told, and nothing else", async (_, plant) => {
  const { id, level, object, what, change, sql, undo, how, look } = plant;
  const { patient } = open;
  if (sql !== undefined) await patient.superuser.query(sql(patient));
  if (undo !== undefined) patient.later(() => patient.superuser.query(undo(patient)));
  const found = faultsIn(await lookAt(patient, (await how?.(patient)) ?? look), id);
  const told = (text: string | RegExp) =>
    typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text);
  expect(found).toEqual([
    {
      id,
      level,
      object,
      title: expect.stringMatching(/./),
      why: expect.stringMatching(/./),
      what: told(what),
      change: told(change),
    },
  ]);
});
