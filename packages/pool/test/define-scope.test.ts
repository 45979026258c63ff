import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle.ts";
import { PoolConfigError, ScopeError } from "../src/index.ts";
import { defineScope, type ScopeDefinition, scoped } from "../src/tenants.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

describe("a definition is refused, with what would be right, where", () => {
  test.each<[what: string, definition: ScopeDefinition, fault: string]>([
    ["it has no settings", {}, "at least one setting"],
    ["a name has one part", { tenant: "text" }, "tenant must have two parts"],
    ["a name is none of the server's", { "app.tenant id": "text" }, "must have two parts"],
    [
      "a setting is the server's, and no tenant's",
      { session_authorization: "text" },
      "or be one of role, search_path",
    ],
    ["two names differ by letter case", { "app.id": "text", "App.ID": "text" }, "App.ID is there twice"],
    ["roles are not listed", { role: "text" }, "role must list the roles there are"],
    ["no role is listed", { Role: [] }, "Role must list the roles there are"],
    ["a role is the one that signed in", { role: ["app", "None"] }, "role must not be none"],
    ["no value is listed", { "app.plan": [] }, "app.plan must have at least one value"],
  ])("%s", (_, definition, fault) => {
    expect(() => defineScope(definition)).toThrow(PoolConfigError);
    expect(() => defineScope(definition)).toThrow(fault);
  });

  test("every fault is told at once", () => {
    expect(() => defineScope({ tenant: "text", role: "uuid" })).toThrow(
      /2 settings are wrong[\s\S]*tenant[\s\S]*role/,
    );
  });
});

const circle: Record<string, unknown> = {};
circle.self = circle;

describe("values", () => {
  const scope = defineScope({
    "app.name": "text",
    "app.org": "bigint",
    "app.user": "uuid",
    "app.claims": "json",
    "app.plan": ["free", "paid"],
  });
  const right = {
    "app.name": "Ünïcode 🏠",
    "app.org": 7n,
    "app.user": "6F1C1F0E-5A8E-4D43-9F43-0C6F0B1A2D3E",
    "app.claims": { sub: "s", aud: ["x"] },
    "app.plan": "paid",
  } as const;

  test("become what is sent", () => {
    expect(scope(right)).toEqual({
      "app.name": "Ünïcode 🏠",
      "app.org": "7",
      "app.user": "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e",
      "app.claims": '{"sub":"s","aud":["x"]}',
      "app.plan": "paid",
    });
    expect(Object.isFrozen(scope(right))).toBe(true);
  });

  test("have the types of their settings", () => {
    expectTypeOf(scope).parameter(0).toEqualTypeOf<{
      readonly "app.name": string;
      readonly "app.org": bigint | number | string;
      readonly "app.user": string;
      readonly "app.claims": Readonly<Record<string, unknown>>;
      readonly "app.plan": "free" | "paid";
    }>();
  });

  test.each([
    [-(2n ** 63n), "-9223372036854775808"],
    [2n ** 63n - 1n, "9223372036854775807"],
    ["9223372036854775807", "9223372036854775807"],
    ["007", "7"],
    [-0, "0"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ])("a bigint may be %s", (given, sent) => {
    expect(scope({ ...right, "app.org": given })["app.org"]).toBe(sent);
  });

  test.each<[name: keyof typeof right, values: unknown[]]>([
    ["app.name", ["", undefined, null, 7, "zero \0", "lone \ud800 surrogate", ["a"], {}]],
    [
      "app.org",
      [
        2n ** 63n,
        "9223372036854775808",
        -(2n ** 63n) - 1n,
        1.5,
        2 ** 53,
        Number.NaN,
        "",
        "7 ",
        "+7",
        "0x7",
        "1e3",
        null,
        true,
        [7],
      ],
    ],
    [
      "app.user",
      [
        "",
        "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3",
        "{6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e}",
        `${right["app.user"]}\n`,
        undefined,
      ],
    ],
    ["app.claims", [undefined, null, "{}", [], circle, { n: 1n }, { toJSON: () => undefined }]],
    ["app.plan", ["Paid", "free ", "", undefined, ["free"]]],
  ])("%s refuses what is none of its type, by name and without the value", (name, values) => {
    for (const value of values) {
      const refused = () => scope({ ...right, [name]: value });
      expect(refused, JSON.stringify(String(value))).toThrow(ScopeError);
      expect(refused).toThrow(`the scope's setting ${name} must be`);
    }
  });

  test("a secret is not in the message", () => {
    const refused = () => scope({ ...right, "app.user": "hunter2" });
    expect(refused).toThrow("must be a UUID, such as");
    expect(refused).not.toThrow("hunter2");
  });

  test("a setting that is missing, or that nobody defined, is refused", () => {
    const { "app.user": _, ...missing } = right;
    // @ts-expect-error a setting is missing
    expect(() => scope(missing)).toThrow("app.user must be");
    const more = { ...right, "app.usr": "x" };
    expect(() => scope(more)).toThrow("the scope has no setting app.usr");
  });
});

describe("a scope that would be none is refused before a connection is taken", () => {
  const pool = () => database.pool({ max: 1 });
  test.each<[what: string, scope: unknown, fault: string]>([
    ["no settings", {}, "at least one setting"],
    ["undefined", undefined, "at least one setting"],
    ["a number", { "app.org_id": 2 }, "setting app.org_id must be a string"],
    ["null", { "app.org_id": null }, "got null"],
    ["a zero character", { "app.org_id": "a\0b" }, "one that Postgres cannot store"],
    ["half of a character", { "app.org_id": "a\udc00" }, "one that Postgres cannot store"],
  ])("%s", (_, scope, fault) => {
    const { scoped: scopedDrizzle } = drizzleOverPool(pool, {});
    for (const make of [(given: never) => scoped(pool(), given), (given: never) => scopedDrizzle(given)]) {
      expect(() => make(scope as never)).toThrow(ScopeError);
      expect(() => make(scope as never)).toThrow(fault);
    }
  });

  test("what sign() makes is held to the same", async () => {
    for (const made of [{}, { "app.token": 7 as unknown as string }]) {
      const tenant = scoped(pool(), { "app.tenant_id": "a" }, { sign: () => made });
      await expect(tenant.query("select 1")).rejects.toThrow(ScopeError);
      await expect(tenant.transaction((client) => client.query("select 1"))).rejects.toThrow(ScopeError);
    }
  });
});

describe("schemas of others", () => {
  const suffix = randomBytes(4).toString("hex");
  const login = `login_${suffix}`;
  const [member, visitor] = [`member_${suffix}`, `visitor_${suffix}`];
  const asLogin = { user: login, password: "x", max: 1 };

  beforeAll(async () => {
    await database.pool().query(`
      create role ${member}; create role ${visitor};
      create role ${login} login noinherit password 'x' in role ${member}, ${visitor};
      create table orders (org bigint not null, body text);
      create table posts (owner uuid not null, body text);
      alter table orders enable row level security; alter table posts enable row level security;
      create policy own on orders using (org = nullif(current_setting('acme.org_id', true), '')::bigint);
      create policy own on posts to ${member} using (
        owner = (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid);
      create policy published on posts to ${visitor} using (body like 'public%');
      grant select, insert on orders, posts to ${login}, ${member}, ${visitor};
      insert into orders values (1, 'one'), (2, 'two');
      insert into posts values ('11111111-1111-4111-8111-111111111111', 'mine'), ('22222222-2222-4222-8222-222222222222', 'public of another')`);
  });
  afterAll(async () => {
    const admin = database.pool();
    await admin.query(
      `drop owned by ${login}, ${member}, ${visitor}; drop role ${login}, ${member}, ${visitor}`,
    );
    await admin.end();
  });

  test("bigint ids: a tenant's rows only, by statement and transaction", async () => {
    const org = defineScope({ "acme.org_id": "bigint" });
    const pool = database.pool(asLogin);
    for (const [id, body] of [
      [1, "one"],
      [2n, "two"],
    ] as const) {
      const tenant = scoped(pool, org({ "acme.org_id": id }));
      expect((await tenant.query("select body from orders")).rows).toEqual([{ body }]);
      expect(await tenant.transaction((client) => client.query("select body from orders"))).toMatchObject({
        rows: [{ body }],
      });
    }
    expect((await pool.query("select * from orders")).rows).toEqual([]);
  });

  test("a role and claims, as Supabase and PostgREST set them, hold for one statement and for all of a transaction", async () => {
    const session = defineScope({ role: [member, visitor], "request.jwt.claims": "json" });
    const pool = database.pool(asLogin);
    const { scoped: scopedDrizzle } = drizzleOverPool(() => pool, {});
    const sub = "11111111-1111-4111-8111-111111111111";
    const seen = sql.raw(
      "select current_user::text as role, array(select body from posts order by 1) as bodies",
    );
    const one = session({ role: member, "request.jwt.claims": { sub } });
    const other = session({ role: visitor, "request.jwt.claims": {} });
    for (let again = 0; again < 3; again++) {
      expect((await scopedDrizzle(one).execute(seen)).rows).toEqual([{ role: member, bodies: ["mine"] }]);
      expect((await scopedDrizzle(other).execute(seen)).rows).toEqual([
        { role: visitor, bodies: ["public of another"] },
      ]);
      expect((await pool.query("select current_user::text as role")).rows).toEqual([{ role: login }]);
    }
    const rows = await scopedDrizzle(one).transaction(async (tx) => {
      await tx.transaction(async (inner) => inner.execute(sql`select 1`));
      return (await tx.execute(seen)).rows;
    });
    expect(rows).toEqual([{ role: member, bodies: ["mine"] }]);
    expect(
      (
        await pool.query(
          "select current_user::text as role, current_setting('request.jwt.claims', true) as claims",
        )
      ).rows,
    ).toEqual([{ role: login, claims: "" }]);
  });

  test("a role that the login may not become is the server's refusal, and costs no connection", async () => {
    const session = defineScope({ role: [member, "pg_read_all_data"] });
    const pool = database.pool(asLogin);
    await pool.query("select 1");
    const attempt = scoped(pool, session({ role: "pg_read_all_data" })).query("select * from posts");
    await expect(attempt).rejects.toMatchObject({ code: "42501" });
    expect((await pool.query("select current_user::text as role")).rows).toEqual([{ role: login }]);
    expect(pool.getTotals().created).toBe(1);
  });
});
