import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AcquireTimeoutError,
  NestedAcquireError,
  TransactionAbortedError,
  UnsafeRoleError,
} from "../src/index.ts";
import { onlyBoundRoles, scoped } from "../src/tenants.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const role = `tenants_${randomBytes(4).toString("hex")}`;
/** An ordinary role, which row-level security binds. */
const bound = { user: role, password: "x" };

beforeAll(async () => {
  await database.pool().query(`
    create role ${role} login password 'x';
    create table notes (tenant text not null default current_setting('app.tenant_id'), body text);
    alter table notes enable row level security;
    create policy own on notes using (tenant = current_setting('app.tenant_id', true));
    grant all on notes to ${role}`);
});
afterAll(async () => {
  const admin = database.pool();
  await admin.query(`drop owned by ${role}; drop role ${role}`);
  await admin.end();
});

test("statements and transactions within a scope see and write that tenant's rows only", async () => {
  const pool = database.pool({ ...bound, max: 1 });
  const acme = scoped(pool, { "app.tenant_id": "acme" });
  const other = scoped(pool, { "app.tenant_id": "other" });
  await acme.query("insert into notes (body) values ($1)", ["one"]);
  const inserted = await acme.transaction(async (client) => {
    await client.query("insert into notes (body) values ('two')");
    return (await client.query("select body from notes order by body")).rows;
  });
  expect(inserted).toEqual([{ body: "one" }, { body: "two" }]);
  expect((await other.query("select * from notes")).rows).toEqual([]);
  expect((await pool.query("select * from notes")).rows).toEqual([]);
});

test("a transaction keeps nothing where its work fails, or swallows a failed statement", async () => {
  const pool = database.pool({ ...bound, max: 1 });
  const tenant = scoped(pool, { "app.tenant_id": "rolled back" });
  const failing = tenant.transaction(async (client) => {
    await client.query("insert into notes (body) values ('gone')");
    throw new Error("mine");
  });
  await expect(failing).rejects.toThrow("mine");
  const swallowing = tenant.transaction((client) => client.query("select 1/0").catch(() => {}));
  await expect(swallowing).rejects.toThrow(TransactionAbortedError);
  expect((await tenant.query("select * from notes")).rows).toEqual([]);
});

test("a statement of the pool inside a transaction that holds its last connection is refused at once", async () => {
  const pool = database.pool({ ...bound, max: 1 });
  const tenant = scoped(pool, { "app.tenant_id": "nested" });
  await expect(tenant.transaction(() => tenant.query("select 1"))).rejects.toThrow(NestedAcquireError);
});

test("onlyBoundRoles lets an ordinary role in, and refuses a superuser with the advice it was given", async () => {
  const welcome = database.pool({ ...bound, onConnect: onlyBoundRoles() });
  expect((await welcome.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  const refused = database.pool({ connectionTimeoutMillis: 1_000, onConnect: onlyBoundRoles("ask Ann") });
  const error: unknown = await refused.query("select 1").catch((caught: unknown) => caught);
  const own = error instanceof AcquireTimeoutError ? error.cause : error;
  expect(own).toBeInstanceOf(UnsafeRoleError);
  expect(String(own)).toMatch(/is a superuser: .*; ask Ann$/);
});
