import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AcquireTimeoutError,
  Client,
  NestedAcquireError,
  TransactionAbortedError,
  UnsafeRoleError,
} from "../src/index.ts";
import { assertRoleIsBound, onlyBoundRoles, scoped, whyUnbound } from "../src/tenants.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const role = `tenants_${randomBytes(4).toString("hex")}`;
/** An ordinary role, which row-level security binds. */
const bound = { user: role, password: "x" };
/** Roles that a portal must not serve as, by what is wrong with them. */
const named = (what: string) => `${role}_${what}`;
const UNSAFE: [what: string, made: string, message: string][] = [
  ["superuser", "superuser", "is a superuser: row-level security would not hold"],
  ["bypassrls", "bypassrls", "is allowed BYPASSRLS: row-level security would not hold"],
  ["createrole", "createrole", "is allowed CREATEROLE: it can make itself a member"],
  ["owner", "", "owns the table owned: it can turn row-level security off"],
  [
    "of_bypassrls",
    `in role ${named("bypassrls")}`,
    `is a member of ${named("bypassrls")}, which is allowed BYPASSRLS`,
  ],
  ["of_owner", `in role ${named("owner")}`, `is a member of ${named("owner")}, which owns the table owned`],
  [
    "of_a_member",
    `in role ${named("of_owner")}`,
    `is a member of ${named("owner")}, which owns the table owned`,
  ],
  [
    "noinherit",
    `noinherit in role ${named("createrole")}`,
    `is a member of ${named("createrole")}, which is allowed`,
  ],
];

beforeAll(async () => {
  await database.pool().query(`
    create role ${role} login password 'x';
    create table notes (tenant text not null default current_setting('app.tenant_id'), body text);
    alter table notes enable row level security;
    create policy own on notes using (tenant = current_setting('app.tenant_id', true));
    grant all on notes to ${role}`);
  for (const [what, made] of UNSAFE)
    await database.pool().query(`create role ${named(what)} login password 'x' ${made}`);
  await database.pool().query(`
    create table owned (tenant text);
    create policy own on owned using (true);
    alter table owned owner to ${named("owner")}`);
});
afterAll(async () => {
  const admin = database.pool();
  await admin.query("drop table owned");
  await admin.query(`drop role ${UNSAFE.map(([what]) => named(what)).join(", ")}`);
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

/** What a pool with the check says to a statement. */
async function refusalOf(options: object, advice?: string): Promise<unknown> {
  const pool = database.pool({
    connectionTimeoutMillis: 1_000,
    ...options,
    check: onlyBoundRoles(advice),
  });
  const error: unknown = await pool.query("select 1").catch((caught: unknown) => caught);
  return error instanceof AcquireTimeoutError ? error.cause : error;
}

test("the role check lets an ordinary role in, and refuses a superuser with the advice it was given", async () => {
  const welcome = database.pool({ ...bound, check: onlyBoundRoles() });
  expect((await welcome.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  expect(await whyUnbound(await database.observer(), role)).toBeNull();
  const own = await refusalOf({}, "ask Ann");
  expect(own).toBeInstanceOf(UnsafeRoleError);
  expect(String(own)).toMatch(/is a superuser: .*; ask Ann$/);
});

test.for(UNSAFE)("the role check refuses %s, by name and when it signs in", async ([what, , message]) => {
  const refusal = await refusalOf({ user: named(what), password: "x" });
  expect(refusal).toBeInstanceOf(UnsafeRoleError);
  expect(String(refusal)).toContain(`the role ${named(what)} ${message}`);
  expect(await whyUnbound(await database.observer(), named(what))).toContain(`${named(what)} ${message}`);
});

test("the role check is not misled by a session that begins as an ordinary role", async () => {
  const options = `-c role=${role}`;
  const pool = database.pool({ options });
  expect((await pool.query("select current_user as name")).rows).toEqual([{ name: role }]);
  expect(String(await refusalOf({ options }))).toContain("is a superuser");
});

test("the role check asks each connection once, and looks again at the next", async () => {
  const pool = database.pool({
    ...bound,
    max: 2,
    connectionTimeoutMillis: 1_000,
    check: onlyBoundRoles(),
  });
  const first = await pool.connect();
  const admin = database.pool();
  await admin.query(`alter role ${role} bypassrls`);
  try {
    expect((await first.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await expect(pool.query("select 1")).rejects.toThrow(UnsafeRoleError);
    first.release(); // the reset goes in front of the next statement, and does not ask again
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  } finally {
    await admin.query(`alter role ${role} nobypassrls`);
  }
});

test("the role check tells whether the backend is the one that the connection was told of", async () => {
  const client = database.keep(new Client({ ...database.options(), ...bound }));
  await client.connect();
  expect(await assertRoleIsBound(client)).toEqual({ behindPooler: false });
  Object.assign(client, { processID: 1 }); // as a pooler has it
  expect(await assertRoleIsBound(client)).toEqual({ behindPooler: true });
});
