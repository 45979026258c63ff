import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Client } from "../src/query/client.ts";
import { type CatalogFaultKind, findCatalogFaults } from "../src/tenants.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const POLICY = "tenant_id = current_setting('app.tenant_id', true)";

/** A schema that is right: tables of two schemas, a partitioned one, a view and a function. */
const RIGHT = `
  create schema sales;
  create table notes (tenant_id text not null, id int not null, primary key (tenant_id, id));
  create table sales.orders (tenant_id text not null, id int not null, primary key (tenant_id, id)) partition by hash (tenant_id);
  create table sales.orders_0 partition of sales.orders for values with (modulus 1, remainder 0);
  alter table notes enable row level security;
  alter table sales.orders enable row level security;
  alter table sales.orders_0 enable row level security;
  create policy own on notes using (${POLICY});
  create policy own on sales.orders using (${POLICY});
  create policy own on sales.orders_0 using (${POLICY});
  create view own_notes with (security_invoker) as select * from notes;
  create function notes_of_all() returns bigint language sql security definer set search_path = pg_catalog, pg_temp
    as 'select count(*) from public.notes';
  create function counted() returns bigint language sql security definer begin atomic select count(*) from public.notes; end;
  create temp table scratch (id int)`;

/** What somebody may get wrong, and what the walk says to it. */
const MISTAKES: [
  name: string,
  statements: string,
  kind: CatalogFaultKind,
  object: string,
  message: string,
][] = [
  [
    "a table without policies",
    "create table gadgets (id int)",
    "no_policy",
    "public.gadgets",
    "row-level security is off",
  ],
  [
    "security that was turned off",
    "alter table notes disable row level security",
    "no_policy",
    "public.notes",
    "row-level security is off",
  ],
  [
    "security without a policy",
    "drop policy own on notes",
    "no_policy",
    "public.notes",
    "there is no policy",
  ],
  [
    "a partition that is reached by itself",
    "alter table sales.orders_0 disable row level security",
    "no_policy",
    "sales.orders_0",
    "row-level security is off",
  ],
  [
    "a foreign table",
    "create foreign data wrapper w; create server s foreign data wrapper w; create foreign table far (id int) server s",
    "no_policy",
    "public.far",
    "a foreign table cannot",
  ],
  [
    "a policy that fails without its setting",
    "alter policy own on notes using (tenant_id = current_setting('app.tenant_id'))",
    "setting_required",
    "public.notes",
    "the policy own fails with 42704",
  ],
  [
    "a check that does, with another spelling",
    `create policy more on notes with check (tenant_id = pg_catalog."current_setting"('app.tenant_id'))`,
    "setting_required",
    "public.notes",
    "the policy more fails with 42704",
  ],
  [
    "a view as its owner",
    "create view everything as select * from notes",
    "view_of_its_owner",
    "public.everything",
    "security_invoker = true",
  ],
  [
    "a view that says so",
    "alter view own_notes set (security_invoker = off)",
    "view_of_its_owner",
    "public.own_notes",
    "security_invoker = true",
  ],
  [
    "a materialized view",
    "create materialized view kept as select * from notes",
    "view_of_its_owner",
    "public.kept",
    "holds its owner's rows",
  ],
  [
    "a definer function with its caller's path",
    "alter function notes_of_all() reset search_path",
    "definer_search_path",
    "public.notes_of_all",
    "set search_path = pg_catalog, pg_temp",
  ],
  [
    "a definer function with another setting",
    "alter function notes_of_all() reset all; alter function notes_of_all() set work_mem = '4MB'",
    "definer_search_path",
    "public.notes_of_all",
    "runs as its owner",
  ],
  [
    "a procedure that runs as its owner",
    "create procedure tidy() language plpgsql security definer as 'begin end'",
    "definer_search_path",
    "public.tidy",
    "runs as its owner",
  ],
  [
    "no index",
    "alter table notes drop constraint notes_pkey",
    "no_tenant_index",
    "public.notes",
    "no whole index begins with tenant_id",
  ],
  [
    "an index that begins with another column",
    "alter table notes drop constraint notes_pkey; create index on notes (id, tenant_id)",
    "no_tenant_index",
    "public.notes",
    "every query of a tenant reads all rows",
  ],
  [
    "a partial index",
    "alter table notes drop constraint notes_pkey; create index on notes (tenant_id) where id > 0",
    "no_tenant_index",
    "public.notes",
    "no whole index",
  ],
];

let client: Client;
beforeAll(async () => {
  const admin = await database.observer();
  await admin.query(RIGHT);
});
beforeEach(async () => {
  client = await database.observer();
  await client.query("begin");
});
afterEach(async () => {
  await client.query("rollback");
});

test("a schema made right has no faults", async () => {
  expect(await findCatalogFaults(client, { tenantColumn: "tenant_id" })).toEqual([]);
});

test.each(MISTAKES)("it notices %s", async (_, statements, kind, object, message) => {
  await client.query(statements);
  const found = await findCatalogFaults(client, { tenantColumn: "tenant_id" });
  expect(found).toEqual([{ kind, object, message: expect.stringContaining(message) }]);
  expect(await findCatalogFaults(client, { tenantColumn: "tenant_id", exempt: [object] })).toEqual([]);
});

test("an exemption of what is not there is a fault, so that the list stays short", async () => {
  expect(
    await findCatalogFaults(client, { tenantColumn: "tenant_id", exempt: ["notes", "public.gone"] }),
  ).toEqual(
    ["notes", "public.gone"].map((object) => ({
      kind: "unknown_exemption",
      object,
      message: expect.any(String),
    })),
  );
});

test("it asks nothing of its role, and changes nothing", async () => {
  await client.query("create role catalog_reader; set local role catalog_reader; set transaction read only");
  expect(await findCatalogFaults(client, { tenantColumn: "tenant_id" })).toEqual([]);
});

test("what belongs to an extension is left out", async () => {
  await client.query("create extension if not exists pg_stat_statements");
  expect(await findCatalogFaults(client, { tenantColumn: "tenant_id" })).toEqual([]);
});
