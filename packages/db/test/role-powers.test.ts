import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FUNCTIONS_OF_NOBODY, ROLE_SETTINGS } from "../src/grants.ts";
import { migrate } from "../src/migrate.ts";
import { seed } from "../src/seed.ts";
import { signingFor, tenantToken } from "../src/signing.ts";
import { COUNTED_TEXTS } from "../src/value-statistics.ts";
import { catalogFaults } from "./support/catalog-faults.ts";
import { createEmptyDatabase, type TenantDatabase } from "./support/database.ts";
import { outcomeOf } from "./support/sqlstate.ts";
import { as, OWNER, withServer } from "./support/template.ts";
import { HARBOUR, NORTHGATE } from "./support/tenants.ts";

const REFUSED = "42501";

/** What no portal needs, and what comes of it; "superuser": only where one has migrated. Each is tried as the tenant Harbour. */
const POWERS: [power: string, sql: string, outcome: string, who?: "superuser"][] = [
  ["temporary tables, which hide others", "create temporary table shadow (x int)", REFUSED],
  ["temporary tables by SELECT INTO", "select * into temporary homeowners from homeowners", REFUSED],
  ["tables of its own", "create table mine ()", REFUSED],
  ["schemas", "create schema mine", REFUSED],
  ["stopping every tenant by a lock on a table", "lock table sessions in access exclusive mode", REFUSED],
  ["the same of the tenants", "lock table tenants in share mode", REFUSED],
  ["the directory of tenants", "select * from tenant_directory", REFUSED],
  ["its entries", "delete from tenant_directory", REFUSED],
  ["changing an entry", "update tenant_directory set kind = kind", REFUSED],
  [
    "adding one past the function",
    "insert into tenant_directory (lookup_hash, kind) values ('', '')",
    REFUSED,
  ],
  ["forgetting all counted attempts", "delete from rate_limits", REFUSED],
  ["locking somebody out", "insert into rate_limits values ('somebody', 1000)", REFUSED],
  ["seeing who is counted", "select * from rate_limits", REFUSED],
  ["deleting codes", "delete from onboarding_codes", REFUSED],
  ["making a code last", "update onboarding_codes set expires_at = 'infinity'", REFUSED],
  ["handing a code to another", "update onboarding_codes set homeowner_id = homeowner_id", REFUSED],
  ["deleting sessions", "delete from sessions", REFUSED],
  ["making a session last", "update sessions set expires_at = 'infinity'", REFUSED],
  ["setting a password", "update staff set password_hash = ''", REFUSED],
  ["deleting an account", "delete from staff", REFUSED],
  ["renaming a company", "update tenants set name = ''", REFUSED],
  ["deleting documents", "delete from documents", REFUSED],
  ["changing documents", "update documents set body = ''", REFUSED],
  ["changing what was said", "update messages set body = ''", REFUSED],
  ["moving a home to another tenant", `update homeowners set tenant_id = '${NORTHGATE}'`, REFUSED],
  ["the record of migrations", "select * from drizzle.__drizzle_migrations", REFUSED],
  ["the disk, for sorting", "set temp_file_limit = -1", REFUSED],
  ["large objects", "select lo_create(0)", REFUSED, "superuser"],
  ["large objects with bytes", "select lo_from_bytea(0, 'a')", REFUSED, "superuser"],
  ["writing to large objects", "select lo_put(1, 0, 'a')", REFUSED, "superuser"],
  ["ending other connections", "select pg_terminate_backend(1)", REFUSED, "superuser"],
  ["ending other statements", "select pg_cancel_backend(1)", REFUSED, "superuser"],
  ["the migration's lock", "select pg_advisory_lock(8030029660474537331)", REFUSED, "superuser"],
  ["advisory locks that are let go", "select pg_try_advisory_xact_lock_shared(1, 2)", REFUSED, "superuser"],
];

/** What the role needs, and an attacker with it; beside the queries, which have their own tests. */
const NEEDED: [what: string, sql: string][] = [
  ["the reset that the pool sends", "select pg_advisory_unlock_all()"],
  [
    "a slug that another company has",
    "insert into tenants (name, slug) values ('A', 'northgate-living') on conflict (tenant_id) do nothing",
  ],
  ["looking for a hash", "select directory_find('none')"],
];

describe.each([
  ["a superuser", ({ superuserUrl }: TenantDatabase) => superuserUrl, []],
  [
    "an owner who is none",
    ({ ownerUrl }: TenantDatabase) => ownerUrl,
    [...Object.keys(FUNCTIONS_OF_NOBODY), "temp_file_limit"],
  ],
] as const)("migrated by %s", (by, ownerUrlOf, expectedLeft) => {
  const role = { name: `powers_${randomBytes(4).toString("hex")}`, password: "x" };
  let database: TenantDatabase;
  let app: pg.Client;
  let left: string[];

  beforeAll(async () => {
    database = await createEmptyDatabase(role);
    ({ leftOpen: left } = await migrate({ ...database, ownerUrl: ownerUrlOf(database) }));
    await seed(database);
    app = new pg.Client({ connectionString: database.appUrl });
    await app.connect();
  });
  afterAll(async () => {
    await app.end();
    await withServer(database.superuserUrl, (server) =>
      server.query(`drop owned by ${role.name}; drop role ${role.name}`),
    );
    await database.drop();
  });

  const tokenFor = (tenantId: string) => tenantToken(app, tenantId, signingFor(database.appUrl));

  /** As the tenant, and undone. */
  async function tried(statement: string): Promise<string> {
    await app.query("begin");
    await app.query("select set_config('app.tenant', $1, true)", [tokenFor(HARBOUR)]);
    try {
      return await outcomeOf(app.query(statement));
    } finally {
      await app.query("rollback");
      await app.query("select pg_advisory_unlock_all()");
    }
  }

  test.for(POWERS)("the portals' role is refused %s", async ([, statement, outcome, who]) => {
    if (who === "superuser" && by !== "a superuser") expect(await tried(statement)).not.toBe(outcome);
    else expect(await tried(statement)).toBe(outcome);
  });

  test.for(NEEDED)("the portals' role keeps %s", async ([, statement]) => {
    expect(await tried(statement)).toBe("done");
  });

  test("what could not be taken away or set is listed, and the catalog is as it should be", async () => {
    expect(left).toEqual(expectedLeft);
    await withServer(database.superuserUrl, async (server) =>
      expect(await catalogFaults(server, role.name)).toEqual([]),
    );
  });

  test("EXPLAIN tells nothing of the texts of another tenant's rows", async () => {
    await withServer(database.superuserUrl, async (server) => {
      await server.query(
        `insert into homeowners (tenant_id, unit_id, name, email)
         select tenant_id, unit_id, n::text, 'somebody' || n || '@another.example' from homeowners, generate_series(1, 3000) n
          where homeowners.id = (select id from homeowners where tenant_id = '${NORTHGATE}' limit 1)`,
      );
      await server.query("analyze");
    });
    const { rows: columns } = await app.query<{ table: string; name: string }>(
      `select attrelid::regclass::text as table, attname as name from pg_attribute join pg_class c on c.oid = attrelid
        where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
          and atttypid = 'text'::regtype and has_column_privilege(attrelid, attnum, 'select')`,
    );
    const told: string[] = [];
    await app.query("select set_config('app.tenant', $1, false)", [tokenFor(HARBOUR)]);
    for (const { table, name } of columns) {
      const estimates = new Set<number>();
      for (const text of ["0", "somebody2", "~"])
        estimates.add(await estimateOf(`${table} where ${name} < '${text}'`));
      if (estimates.size > 1) told.push(`${table}.${name}`);
    }
    expect(told.filter((column) => !COUNTED_TEXTS.includes(column))).toEqual([]);
    expect(columns.length).toBeGreaterThan(30);
  });

  test("what was counted before is forgotten", async () => {
    const superuser = (statement: string) =>
      withServer(database.superuserUrl, (server) => server.query(statement));
    await superuser("alter table homeowners alter column email set statistics -1; analyze homeowners");
    await migrate({ ...database, ownerUrl: ownerUrlOf(database) });
    const { rows } = await superuser(
      "select from pg_stats where tablename = 'homeowners' and attname = 'email'",
    );
    expect(rows).toEqual([]);
  });

  /** How many rows the server expects, as it tells the tenant. */
  async function estimateOf(source: string): Promise<number> {
    const { rows } = await app.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
      `explain (format json) select from ${source}`,
    );
    return rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
  }

  test("nobody but the owner and the role may connect", async () => {
    const other = { name: `${role.name}_other`, password: "x" };
    await withServer(database.superuserUrl, async (server) => {
      await server.query(`create role ${other.name} login password 'x'`);
      expect(await outcomeOf(withServer(as(other, database.superuserUrl), async () => {}))).toBe(REFUSED);
      await server.query(`drop role ${other.name}`);
    });
    await withServer(database.ownerUrl, (owner) => owner.query("select 1"));
  });

  test("the role has bounds, and a bound that somebody has set stays", async () => {
    const bounds = () =>
      withServer(database.appUrl, async (client) => {
        const { rows } = await client.query<{ name: string; setting: string }>(
          "select name, current_setting(name) as setting from unnest($1::text[]) name",
          [Object.keys(ROLE_SETTINGS)],
        );
        return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
      });
    const expected = { ...ROLE_SETTINGS, ...(left.includes("temp_file_limit") && { temp_file_limit: "-1" }) };
    expect(await bounds()).toEqual(expected);
    await withServer(ownerUrlOf(database), (owner) =>
      owner.query(`alter role ${role.name} in database ${database.name} set statement_timeout = '7min'`),
    );
    await migrate({ ...database, ownerUrl: ownerUrlOf(database) });
    expect(await bounds()).toEqual({ ...expected, statement_timeout: "7min" });
  });

  test("a function that runs as the owner reaches the tenant's own rows only", async () => {
    const ended = "now() - interval '31 days'";
    await withServer(database.superuserUrl, (server) =>
      server.query(
        `update sessions set expires_at = ${ended}; update onboarding_codes set expires_at = ${ended}, used_at = null, revoked_at = null, created_at = created_at - case when revoked_at is null then interval '0' else interval '1 day' end`,
      ),
    );
    const rowsOf = (tenantId: string) =>
      withServer(database.superuserUrl, async (server) => {
        const { rows } = await server.query(
          `select (select count(*)::int from sessions where tenant_id = $1) as sessions,
                  (select count(*)::int from onboarding_codes where tenant_id = $1) as codes,
                  (select count(*)::int from tenant_directory where tenant_id = $1) as entries`,
          [tenantId],
        );
        return rows[0];
      });
    const [own, others] = [await rowsOf(HARBOUR), await rowsOf(NORTHGATE)];
    const { rows: hashes } = await withServer(database.superuserUrl, (server) =>
      server.query<{ lookup_hash: string }>("select lookup_hash from tenant_directory"),
    );
    const call = async (tenantId: string | null) => {
      const token = tenantId === null ? "" : tokenFor(tenantId);
      await app.query("select set_config('app.tenant', $1, false)", [token]);
      await app.query("select sessions_delete_spent(100)");
      await app.query("select onboarding_codes_delete_spent(100)");
      await app.query("select directory_remove($1)", [hashes.map(({ lookup_hash }) => lookup_hash)]);
      const add = "select directory_add('staff_email', repeat('a', 64))";
      return outcomeOf(app.query(add));
    };
    expect(await call(null)).toMatch(/^(42501|23502)$/);
    expect(await rowsOf(HARBOUR)).toEqual(own);
    expect(await call(HARBOUR)).toBe("done");
    const after = await rowsOf(HARBOUR);
    expect(after).toMatchObject({ entries: 1 });
    expect(after.codes).toBeLessThan(own.codes);
    expect(await rowsOf(NORTHGATE)).toEqual(others);
    await app.query("select directory_replace(array['staff_email'], array[repeat('b', 64)])");
    expect(await rowsOf(HARBOUR)).toMatchObject({ entries: 1 });
    expect(await rowsOf(NORTHGATE)).toEqual(others);
  });
});

test("an owner who did not make the role lists the bounds too", async () => {
  const owner = { name: `owner_${randomBytes(4).toString("hex")}`, password: "x" };
  const role = { name: `${owner.name}_app`, password: "x" };
  const database = await createEmptyDatabase(role);
  await withServer(database.superuserUrl, async (server) => {
    await server.query(
      `create role ${owner.name} login password 'x'; create role ${role.name} login password 'x'`,
    );
    await server.query(`alter database ${database.name} owner to ${owner.name}`);
    const { leftOpen } = await migrate({ ...database, ownerUrl: as(owner, database.superuserUrl) });
    expect(leftOpen).toEqual([...Object.keys(FUNCTIONS_OF_NOBODY), ...Object.keys(ROLE_SETTINGS)]);
    expect(await catalogFaults(server, role.name)).toEqual([]);
    // A superuser who migrates once closes what was left, and the owner goes on as before.
    expect(await migrate({ ...database, ownerUrl: database.superuserUrl })).toEqual({ leftOpen: [] });
    expect(await migrate({ ...database, ownerUrl: as(owner, database.superuserUrl) })).toEqual({
      leftOpen: [],
    });
    await server.query(`alter database ${database.name} owner to ${OWNER.name}`);
    await server.query(
      `drop owned by ${owner.name}, ${role.name} cascade; drop role ${owner.name}, ${role.name}`,
    );
  });
  await database.drop();
});
