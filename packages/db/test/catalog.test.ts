import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TABLE_GRANTS } from "../src/grants.ts";
import { readCatalog } from "./support/catalog.ts";
import { catalogFaults } from "./support/catalog-faults.ts";
import { createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { READABLE_BY_ALL, UNIQUE_ACROSS_TENANTS, WITHOUT_TENANT } from "./support/exceptions.ts";
import { APP } from "./support/template.ts";

let database: TenantDatabase;
let superuser: pg.Client;

beforeAll(async () => {
  database = await createTenantDatabase();
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
});

afterAll(async () => {
  await superuser.end();
  await database.drop();
});

test("every table isolates its tenants, or is on the short list with its reason", async () => {
  expect(await catalogFaults(superuser, APP.name)).toEqual([]);
});

test("the short lists name only what exists", async () => {
  const tables = await readCatalog(superuser);
  const names = tables.map(({ name }) => name);
  const keys = tables.flatMap(({ constraints }) => constraints.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining(Object.keys({ ...WITHOUT_TENANT, ...READABLE_BY_ALL })));
  expect(keys).toEqual(expect.arrayContaining(Object.keys(UNIQUE_ACROSS_TENANTS)));
  expect(tables.length).toBeGreaterThanOrEqual(14);
});

const policy = "tenant_id = (select tenant from guard.current_tenant)";
const widgets = `create table widgets (
  tenant_id uuid not null, id uuid not null, development_id uuid not null, primary key (tenant_id, id),
  constraint widgets_development_fk foreign key (tenant_id, development_id) references developments (tenant_id, id));
  create index on widgets (tenant_id, development_id);
  alter table widgets enable row level security, force row level security;
  create policy own on widgets using (${policy}) with check (${policy});
  grant select, insert on widgets to ${APP.name};`;
const GRANTS = { ...TABLE_GRANTS, widgets: ["select", "insert"] };

/** What somebody may get wrong in a new table, and what the walk says to it. */
const MISTAKES: [name: string, statements: string, fault: string][] = [
  ["no tenant", "create table gadgets (id int primary key)", "gadgets: has no tenant_id"],
  [
    "tenant may be null",
    "alter table units drop constraint units_pkey cascade; alter table units alter tenant_id drop not null",
    "units: tenant_id may be null",
  ],
  [
    "security not enabled",
    "alter table units disable row level security",
    "units: row-level security is not enabled",
  ],
  [
    "security not forced",
    "alter table units no force row level security",
    "units: row-level security is not forced",
  ],
  ["no policy", "drop policy tenant_isolation on units", "units: policies are []"],
  ["a second, wider policy", "create policy wide on units using (true)", "units: policies are"],
  [
    "a check left out",
    "drop policy own on widgets; create policy own on widgets using (true) with check (true)",
    "widgets: policies are",
  ],
  [
    "a policy for one role",
    `drop policy own on widgets; create policy own on widgets to ${APP.name} using (${policy}) with check (${policy})`,
    "widgets: policies are",
  ],
  [
    "a key without the tenant",
    "alter table widgets drop constraint widgets_pkey; alter table widgets add primary key (id)",
    "widgets: widgets_pkey (id) does not begin with tenant_id",
  ],
  [
    "a key with the tenant last",
    "alter table widgets drop constraint widgets_pkey; alter table widgets add primary key (id, tenant_id)",
    "widgets: widgets_pkey (id, tenant_id) does not begin with tenant_id",
  ],
  [
    "a unique constraint across tenants",
    "alter table widgets add constraint one unique (development_id)",
    "widgets: one (development_id) does not begin with tenant_id",
  ],
  [
    "a foreign key without the tenant",
    "alter table units add constraint lone unique (id); alter table widgets add unit_id uuid constraint bare references units (id)",
    "widgets: bare (unit_id) does not begin with tenant_id",
  ],
  [
    "a foreign key without index",
    "drop index widgets_tenant_id_development_id_idx",
    "widgets: no index begins with the columns of widgets_development_fk",
  ],
  [
    "a foreign key with a partial index only",
    "drop index widgets_tenant_id_development_id_idx; create index on widgets (tenant_id, development_id) where id is not null",
    "widgets: no index begins with the columns of widgets_development_fk",
  ],
  [
    "a foreign key that a null switches off",
    "alter table widgets alter development_id drop not null",
    "widgets: every foreign key can be switched off",
  ],
  [
    "no foreign key",
    "alter table widgets drop constraint widgets_development_fk",
    "widgets: no foreign key leads to its tenant",
  ],
  ["truncate granted", `grant truncate on units to ${APP.name}`, `units: ${APP.name} may truncate`],
  ["a grant forgotten", `revoke insert on units from ${APP.name}`, `units: ${APP.name} may not insert`],
  ["a grant too many", `grant update on units to ${APP.name}`, `units: ${APP.name} may update`],
  [
    "a column too many",
    `grant update (expires_at) on sessions to ${APP.name}`,
    `sessions: ${APP.name} may update (devices_seen_at, expires_at, last_seen_at, revoked_at)`,
  ],
  [
    "a table without its line",
    "create table gadgets (id int primary key)",
    "gadgets: is not in TABLE_GRANTS",
  ],
  ["the app owns a table", `alter table units owner to ${APP.name}`, `units: is owned by ${APP.name}`],
  [
    "the app is a member of the owner",
    `grant pg_read_all_data to ${APP.name}`,
    `${APP.name}: is a member of pg_read_all_data`,
  ],
  ["the app bypasses", `alter role ${APP.name} bypassrls`, `${APP.name}: has BYPASSRLS`],
  [
    "the app may create",
    `grant create on schema public to ${APP.name}`,
    `${APP.name}: may create in schema public`,
  ],
  ["a view", "create view all_units as select * from units", "all_units of kind v: not looked into"],
  [
    "a security definer function",
    "create function f() returns int language sql security definer return 1",
    "security definer function f: not looked into",
  ],
  [
    "a function for everybody",
    "grant execute on function directory_find(text) to public",
    "directory_find(text): everybody may call it",
  ],
  [
    "a function that looks where its caller says",
    "alter function directory_find(text) reset search_path",
    "directory_find(text): its search_path is the caller's",
  ],
];

beforeEach(async () => {
  await superuser.query("begin");
  return async () => void (await superuser.query("rollback"));
});

test("a table made right passes", async () => {
  await superuser.query(widgets);
  expect(await catalogFaults(superuser, APP.name, GRANTS)).toEqual([]);
});

test.each(MISTAKES)("the walk notices: %s", async (_, statements, fault) => {
  await superuser.query(widgets);
  await superuser.query(statements);
  expect(await catalogFaults(superuser, APP.name, GRANTS)).toContainEqual(expect.stringContaining(fault));
});
