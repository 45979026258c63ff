import { createHmac } from "node:crypto";
import { classifyError } from "@openhouse/pool";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { disconnect, forTenant } from "../src/client.ts";
import { migrate } from "../src/migrate.ts";
import { createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { outcomeOf } from "./support/sqlstate.ts";
import { APP, withServer } from "./support/template.ts";
import { HARBOUR, NORTHGATE, testSigning, tokenOf } from "./support/tenants.ts";

let database: TenantDatabase;
let superuser: pg.Client;
/** Two connections of the portals' role. */
let app: pg.Client;
let other: pg.Client;
/** What must not be seen: the password hashes of the other tenant. */
let foreign: Set<unknown>;

beforeAll(async () => {
  database = await createTenantDatabase();
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  app = new pg.Client({ connectionString: database.appUrl });
  other = new pg.Client({ connectionString: database.appUrl });
  await Promise.all([superuser, app, other].map((client) => client.connect()));
  const { rows } = await superuser.query("select password_hash from staff where tenant_id = $1", [NORTHGATE]);
  foreign = new Set(rows.map(({ password_hash }) => password_hash));
  vi.stubEnv("DATABASE_URL", database.appUrl);
  vi.stubEnv("DB_POOL_MAX", "1");
});
afterEach(() => disconnect());
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([superuser, app, other].map((client) => client.end()));
  await database.drop();
});

/** The setting that an attacker may reach, and what he may know. */
const forged = (own: string): Record<string, string> => ({
  "a bare id": NORTHGATE,
  "his own token with the other's id": own.replace(HARBOUR, NORTHGATE),
  "his own token for any connection": own.replace(HARBOUR, NORTHGATE).replace(/\.\d+\./, ".*."),
  "another connection's token": tokenOf(other, NORTHGATE),
  "the other's id without a signature": own.replace(HARBOUR, NORTHGATE).slice(0, -64),
});

const quoted = (token: string) => pg.escapeLiteral(token);
const HASHES = "select password_hash as x from staff";
/** Statements as an injection may complete them. */
const INJECTIONS: Record<string, (token: string) => string> = {
  "union all": (token) => `select '' as x union all select set_config('app.tenant', ${quoted(token)}, true)
    union all ${HASHES}`,
  "a CTE": (
    token,
  ) => `with become as materialized (select set_config('app.tenant', ${quoted(token)}, true) as x)
    select x from become union all ${HASHES}`,
  "a subquery of each row": (token) =>
    `${HASHES} where set_config('app.tenant', ${quoted(token)}, true) is not null union all ${HASHES}`,
  "a lateral join": (
    token,
  ) => `select s.x from (select set_config('app.tenant', ${quoted(token)}, true)) become,
    lateral (select password_hash as x from staff where become is not null) s`,
  "for the session": (token) =>
    `select set_config('app.tenant', ${quoted(token)}, false) as x union all ${HASHES}`,
};
const IN_A_TRANSACTION: Record<string, (token: string) => string> = {
  DO: (token) => `do $x$ begin perform set_config('app.tenant', ${quoted(token)}, true); end $x$`,
  "SET LOCAL": (token) => `set local app.tenant = ${quoted(token)}`,
  SET: (token) => `set app.tenant = ${quoted(token)}`,
  "a query": (token) => `select set_config('app.tenant', ${quoted(token)}, true)`,
};

/** The rows of the other tenant that an attacker of Harbour & Vale's gets, and the codes of his errors. */
async function attack(): Promise<{ stolen: number; errors: Set<unknown>; tried: number }> {
  const found = { stolen: 0, errors: new Set<unknown>(), tried: 0 };
  const tenant = forTenant(HARBOUR);
  const count = async (work: Promise<{ rows: Record<string, unknown>[] }>) => {
    found.tried++;
    try {
      found.stolen += (await work).rows.filter(({ x }) => foreign.has(x)).length;
    } catch (error) {
      found.errors.add(classifyError(error).sqlstate);
    }
  };
  const { rows } = await tenant.execute<{ own: string }>(sql`select current_setting('app.tenant') as own`);
  for (const token of Object.values(forged(rows[0]?.own ?? ""))) {
    for (const statement of Object.values(INJECTIONS)) await count(tenant.execute(sql.raw(statement(token))));
    for (const statement of Object.values(IN_A_TRANSACTION)) {
      const both = tenant.transaction(async (tx) => {
        await tx.execute(sql.raw(statement(token)));
        return tx.execute(sql.raw(HASHES));
      });
      await count(both);
    }
  }
  return found;
}

const FUNCTION = "select pg_get_functiondef('guard.tenant()'::regprocedure) as definition";
/** As it would be with the setting believed. */
const BELIEVING = `create or replace function guard.tenant() returns uuid language sql stable parallel restricted
  security definer set search_path = pg_catalog, pg_temp
  as $$ select nullif(split_part(current_setting('app.tenant', true), '.', 1), '')::uuid $$`;

test("SQL that was smuggled into a tenant's statement sees no other tenant's rows, and would without the check", async () => {
  const { tried, stolen, errors } = await attack();
  expect({ tried, stolen }).toEqual({ tried: 45, stolen: 0 });
  expect([...errors]).toEqual(["OH001"]);

  const { rows } = await superuser.query<{ definition: string }>(FUNCTION);
  await superuser.query(BELIEVING);
  const { stolen: withoutCheck } = await attack();
  await superuser.query(rows[0]?.definition ?? "");
  expect(withoutCheck).toBeGreaterThan(45);
});

/** What one connection sees with a token: a number of rows, or a SQLSTATE. */
async function seen(client: pg.Client, token: string): Promise<string> {
  await client.query("begin");
  try {
    await client.query("select set_config('app.tenant', $1, true)", [token]);
    const { rows } = await client.query("select count(*)::int as n from staff");
    return `${rows[0].n} rows`;
  } catch (error) {
    return await outcomeOf(Promise.reject(error));
  } finally {
    await client.query("rollback");
  }
}

const now = () => Math.floor(Date.now() / 1000);
/** A token as the portals' key would sign it. */
function signed(backend: string | number, expiry: string | number, key = testSigning().signingKey): string {
  const body = `${HARBOUR}.${backend}.${expiry}`;
  return `${body}.${createHmac("sha256", key).update(body).digest("hex")}`;
}
const pidOf = (client: pg.Client) => Number(Reflect.get(client, "processID"));

describe("a token", () => {
  test("of this connection shows the tenant's rows; none, or an empty one, shows nothing", async () => {
    expect(await seen(app, tokenOf(app, HARBOUR))).toBe("2 rows");
    expect(await seen(app, "")).toBe("0 rows");
    expect((await app.query("select count(*)::int as n from staff")).rows).toEqual([{ n: 0 }]);
  });

  test("of another connection is refused", async () => {
    expect(await seen(other, tokenOf(app, HARBOUR))).toBe("OH001");
    expect(await seen(app, tokenOf(other, HARBOUR))).toBe("OH001");
  });

  test("that was changed at any place, cut, lengthened or made up is refused", async () => {
    const token = tokenOf(app, HARBOUR);
    const changed = Array.from(token, (character, at) => {
      const another = character === "0" ? "1" : "0";
      return token.slice(0, at) + another + token.slice(at + 1);
    });
    const joined = token.replace(/\.(?=[^.]*$)/, "0");
    const upper = token.replace(/[a-f](?=[^a-f]*$)/, (letter) => letter.toUpperCase());
    const cut = [
      token.slice(1),
      token.slice(0, -1),
      token.slice(0, -64),
      token.slice(0, 36),
      token.slice(-64),
    ];
    const long = [
      `${token}0`,
      `0${token}`,
      ` ${token}`,
      `${token} `,
      token.repeat(2),
      `${token}.`,
      `.${token}`,
    ];
    const made = [
      ".",
      "...",
      "everybody",
      HARBOUR,
      `${HARBOUR}.*`,
      "ü".repeat(70),
      "'; select 1; --",
      "0".repeat(5_000),
    ];
    for (const wrong of [...changed, joined, upper, ...cut, ...long, ...made])
      expect({ [wrong]: await seen(app, wrong) }).toEqual({ [wrong]: "OH001" });
  });

  test("of another key is refused", async () => {
    expect(await seen(app, signed(pidOf(app), now() + 60, "a key that this database was not given"))).toBe(
      "OH001",
    );
  });

  test("that has expired is refused, with 30 seconds for the clocks", async () => {
    expect(await seen(app, signed(pidOf(app), now() - 20))).toBe("2 rows");
    expect(await seen(app, signed(pidOf(app), now() - 32))).toBe("OH001");
  });

  test("holds to the end of a transaction that began before it expired", async () => {
    const almostOver = signed(pidOf(app), now() - 28);
    await app.query("begin");
    await app.query("select set_config('app.tenant', $1, true)", [almostOver]);
    const untilItIsOver = "select pg_sleep(3.5)";
    await app.query(untilItIsOver);
    expect((await app.query("select count(*)::int as n from staff")).rows).toEqual([{ n: 2 }]);
    await app.query("commit");
    expect(await seen(app, almostOver)).toBe("OH001");
  });

  test("that is refused tells the portal that its configuration is at fault, and no part of itself", async () => {
    vi.stubEnv("TENANT_SIGNING_KEY", "not the one that was put into the database");
    const error: unknown = await forTenant(HARBOUR)
      .execute(sql`select count(*) from staff`)
      .catch((caught: unknown) => caught);
    vi.stubEnv("TENANT_SIGNING_KEY", undefined);
    expect(classifyError(error)).toMatchObject({ kind: "config", unavailable: true, sqlstate: "OH001" });
    expect(String(error instanceof Error ? error.cause : error)).not.toContain(HARBOUR);
  });

  test("for any connection is made where that was asked for, and holds a minute", async () => {
    vi.stubEnv("TENANT_TOKEN_BINDING", "none");
    const { rows } = await forTenant(HARBOUR).execute<{ own: string; n: number }>(
      sql`select current_setting('app.tenant') as own, (select count(*)::int from staff) as n`,
    );
    vi.stubEnv("TENANT_TOKEN_BINDING", undefined);
    const [{ own, n } = { own: "", n: 0 }] = rows;
    expect(n).toBe(2);
    const [, backend, expiry] = own.split(".");
    expect(backend).toBe("*");
    expect(Number(expiry) - now()).toBeLessThanOrEqual(60);
    expect(await seen(app, own)).toBe("2 rows");
    expect(await seen(app, signed("*", now() - 32))).toBe("OH001");
  });
});

test("the portals' role can neither read nor change what checks a token", async () => {
  const attempts = [
    "select * from guard.key",
    "select ipad from guard.key",
    "select count(*) from guard.key",
    "insert into guard.key values (2, ''::bytea, ''::bytea)",
    "update guard.key set place = 2",
    "delete from guard.key",
    "truncate guard.key",
    "begin; lock table guard.key in access share mode",
    "alter table guard.key disable row level security",
    "drop schema guard cascade",
    "alter schema guard rename to guarded",
    "create table guard.mine ()",
    "create function guard.mine() returns int language sql return 1",
    BELIEVING,
    "drop function guard.tenant() cascade",
    "alter function guard.tenant() security invoker",
    "alter function guard.tenant() set search_path = public",
    "create view pg_temp.keys as select * from guard.key; select * from pg_temp.keys",
    `copy guard.key to stdout`,
    "drop view guard.current_tenant cascade",
    "create or replace view guard.current_tenant as select null::uuid as tenant",
    "alter view guard.current_tenant set (security_invoker)",
  ];
  for (const attempt of attempts) {
    expect({ [attempt]: await outcomeOf(app.query(attempt)) }).toEqual({ [attempt]: "42501" });
    await app.query("rollback");
  }
  const { rows } = await superuser.query(
    `select grantee, table_name as table, privilege_type as privilege from information_schema.role_table_grants where table_schema = 'guard'
       and grantee <> (select pg_get_userbyid(relowner) from pg_class where oid = 'guard.key'::regclass)`,
  );
  expect(rows).toEqual([{ grantee: "PUBLIC", table: "current_tenant", privilege: "SELECT" }]);
  const stated = await superuser.query(
    `select prosecdef, proconfig, proparallel, provolatile, pg_get_userbyid(proowner) = $1 as "isOfTheApp"
       from pg_proc where oid = 'guard.tenant()'::regprocedure`,
    [APP.name],
  );
  const safe = { prosecdef: true, proconfig: ["search_path=pg_catalog, pg_temp"], isOfTheApp: false };
  expect(stated.rows).toEqual([{ ...safe, proparallel: "r", provolatile: "s" }]);
});

interface PlanNode {
  "Index Cond"?: string;
  "Parent Relationship"?: string;
  "Actual Loops": number;
  Plans?: PlanNode[];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

test("the tenant stays an index condition, and is checked once a table, not once a row", async () => {
  await superuser.query("analyze");
  await app.query("begin");
  await app.query("set local enable_seqscan = off");
  await app.query("select set_config('app.tenant', $1, true)", [tokenOf(app, HARBOUR)]);
  const { rows } = await app.query<{ "QUERY PLAN": { Plan: PlanNode }[] }>(
    "explain (analyze, timing off, format json) select * from homeowners where id = any (select id from homeowners)",
  );
  await app.query("rollback");
  const nodes = rows[0]?.["QUERY PLAN"].flatMap(({ Plan }) => nodesOf(Plan)) ?? [];
  const checks = nodes.filter((node) => node["Parent Relationship"] === "InitPlan");
  expect(checks.map((node) => node["Actual Loops"])).toEqual([1, 1]);
  const conditions = nodes.flatMap((node) => node["Index Cond"] ?? []);
  const ofTenant = conditions.filter((condition) => /tenant_id = \(InitPlan \d\)/.test(condition));
  expect(ofTenant).toHaveLength(2);
});

test("parallel workers, which are backends of their own, see what their leader sees", async () => {
  for (const forced of ["on", "off"]) {
    await app.query("begin");
    await app.query("select set_config('app.tenant', $1, true)", [tokenOf(app, HARBOUR)]);
    for (const setting of [
      "parallel_setup_cost = 0",
      "parallel_tuple_cost = 0",
      "min_parallel_table_scan_size = 0",
      "enable_indexscan = off",
      "enable_bitmapscan = off",
      "enable_indexonlyscan = off",
    ])
      await app.query(`set local ${setting}`);
    await app.query(`set local debug_parallel_query = ${forced}`);
    const { rows: plan } = await app.query("explain (costs off) select count(*) from document_terms");
    expect(plan.map((row: object) => Object.values(row).join()).join("\n")).toContain("Gather");
    const { rows } = await app.query("select count(distinct tenant_id)::int as n from document_terms");
    expect(rows).toEqual([{ n: 1 }]);
    // Nor does a worker call it itself, to which the token would be another connection's.
    for (const asked of ["guard.tenant()", "(select tenant from guard.current_tenant)"])
      expect((await app.query(`select ${asked} as it`)).rows).toEqual([{ it: HARBOUR }]);
    await app.query("rollback");
  }
});

test("a check takes some ten microseconds", async () => {
  const CALLS = 20_000;
  const CHECK = "(select tenant from guard.current_tenant where n > 0)"; // a subquery of each row, and so read for each
  const executionMs = async (expression: string) => {
    const { rows } = await app.query(
      `explain (analyze, timing off, format json) select ${expression} from generate_series(1, ${CALLS}) n`,
    );
    return Number(rows[0]["QUERY PLAN"][0]["Execution Time"]);
  };
  await app.query("select set_config('app.tenant', $1, false)", [tokenOf(app, HARBOUR)]);
  const micros: number[] = [];
  for (let round = 0; round < 7; round++)
    micros.push(((await executionMs(CHECK)) - (await executionMs("n"))) * (1_000 / CALLS));
  await app.query("reset app.tenant");
  micros.sort((a, b) => a - b);
  console.log(`a check takes ${micros.map((each) => each.toFixed(1)).join(", ")} µs`);
  expect(micros[0]).toBeLessThan(50); // on a machine that others keep busy
});

test("two keys are valid while they are changed, and one again when the other is dropped", async () => {
  const rotated = await createTenantDatabase();
  const client = new pg.Client({ connectionString: rotated.appUrl });
  await client.connect();
  const KEYS = ["first", "second", "third"].map((name) => `the ${name} key of at least 32 characters`);
  const lines: string[] = [];
  const give = async (key: string | undefined, dropPreviousKey = false) => {
    vi.stubEnv("TENANT_SIGNING_KEY", key);
    const log = (line: string) =>
      void lines.push(...line.split("; ").filter((part) => /signing key/.test(part)));
    await migrate({ ...rotated, dropPreviousKey, log });
  };
  const valid = async () => {
    const outcomes: boolean[] = [];
    for (const key of KEYS)
      outcomes.push((await seen(client, signed(pidOf(client), now() + 60, key))) === "2 rows");
    return outcomes;
  };
  try {
    const [first, second, third] = KEYS;
    await give(first, true);
    expect(await seen(client, tokenOf(client, HARBOUR))).toBe("2 rows"); // of the environment's key, which is the first
    expect(await valid()).toEqual([true, false, false]);
    await give(second);
    expect(await valid()).toEqual([true, true, false]);
    await give(first); // an instance of the release before is started once more
    expect(await valid()).toEqual([true, true, false]);
    await give(third);
    expect(await valid()).toEqual([false, true, true]);
    await give(third, true);
    expect(await valid()).toEqual([false, false, true]);
    await give(second);
    await give(third, true); // the older of the two may stay as well
    expect(await valid()).toEqual([false, false, true]);
    expect(lines).toEqual([
      "the signing key was added",
      "the signing key was added, another one is valid as well",
      "the signing key is known, another one is valid as well",
      "the signing key was added, another one is valid as well",
      "the signing key is known",
      "the signing key was added, another one is valid as well",
      "the signing key is known",
    ]);
    const places = await withServer(rotated.ownerUrl, (owner) => owner.query("select place from guard.key"));
    expect(places.rows).toEqual([{ place: 1 }]);
  } finally {
    vi.stubEnv("TENANT_SIGNING_KEY", undefined);
    await client.end();
    await rotated.drop();
  }
});
