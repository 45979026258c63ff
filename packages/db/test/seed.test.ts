import { verify } from "@node-rs/argon2";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { migrate } from "../src/migrate.ts";
import { lookupHash } from "../src/queries/directory.ts";
import { documents, tenants, units } from "../src/schema/index.ts";
import { SeedRefusedError, seed } from "../src/seed.ts";
import { createEmptyDatabase, createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { withServer } from "./support/template.ts";
import { HARBOUR, NORTHGATE, testSigning } from "./support/tenants.ts";

let database: TenantDatabase;

beforeEach(async () => {
  database = await createTenantDatabase();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

test("the demo has two companies, each with developments, units, people, documents and staff who can sign in", async () => {
  const { staff, onboarding } = await seed(database);
  const found = await contents(database);
  for (const tenantId of [HARBOUR, NORTHGATE]) {
    const own = (table: string) => rowsOf(found, table).filter((row) => row.tenant_id === tenantId);
    for (const table of ["developments", "units", "homeowners", "documents", "document_chunks"])
      expect(own(table), table).not.toEqual([]);
  }
  expect(new Set(staff.map(({ tenantName }) => tenantName)).size).toBe(2);
  expect(staff.map(({ role }) => role)).toEqual(["developer", "viewer", "developer", "viewer"]);
  const operators = rowsOf(found, "staff").filter((row) => row.is_operator);
  expect(operators.map(({ email }) => email)).toEqual(["amelia@harbourvale.example"]);
  for (const { email, password } of staff) {
    const account = rowsOf(found, "staff").find((row) => row.email === email);
    expect(await verify(String(account?.password_hash), password)).toBe(true);
    // The library's own cost, not a cheap one for tests.
    expect(account?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  }
  for (const { code } of onboarding) {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
    const entry = rowsOf(found, "tenant_directory").find(
      (row) => row.lookup_hash === lookupHash("onboarding_code", code),
    );
    expect(entry?.kind).toBe("onboarding_code");
  }
  expect(new Set(onboarding.map(({ code }) => code)).size).toBe(onboarding.length);
});

test("the demo's documents are whole: no placeholder is left in them, and no two of a company's are the same", async () => {
  const found = rowsOf(await contents(database), "documents");
  for (const { title, body } of found) {
    expect(body, String(title)).not.toMatch(/\{\{|\}\}|undefined/);
    expect(String(body).split(/\s+/).length, String(title)).toBeGreaterThan(250);
  }
  expect(new Set(found.map(({ body }) => body)).size).toBe(found.length);
});

test("a second seed changes nothing", async () => {
  const before = await contents(database);
  const first = await seed(database);
  expect(await seed(database)).toEqual(first);
  expect(await contents(database)).toEqual(before);
});

test("a second seed brings nothing back that was used, changed or deleted", async () => {
  const [used, ...open] = (await seed(database)).onboarding;
  await withServer(database.superuserUrl, async (server) => {
    await server.query("update onboarding_codes set used_at = now() where code = $1", [used?.code]);
    const db = drizzle(server);
    await db.update(units).set({ label: "Renamed" }).where(eq(units.label, "Flat 5"));
    await db.delete(documents).where(eq(documents.fileName, "parking-rules.md"));
    await db.update(tenants).set({ name: "Harbour & Vale Group" }).where(eq(tenants.tenantId, HARBOUR));
  });
  const before = await contents(database);
  const { onboarding } = await seed(database);
  expect(await contents(database)).toEqual(before);
  expect(onboarding).toEqual(open);
});

test("two seeds at once make one demo, the same wherever it is made", async () => {
  const empty = await createEmptyDatabase();
  try {
    await migrate(empty);
    const [one, two] = await Promise.all([seed(empty), seed(empty)]);
    expect(one).toEqual(two);
    expect(one).toEqual(await seed(database));
    expect(await contents(empty)).toEqual(await contents(database));
  } finally {
    await empty.drop();
  }
});

test("a seed that fails half-way leaves nothing, so the next one is whole", async () => {
  const empty = await createEmptyDatabase();
  try {
    await migrate(empty);
    const chunks = (statement: string) =>
      withServer(empty.superuserUrl, (server) => server.query(`alter table document_chunks ${statement}`));
    await chunks("add constraint broken check (position < 3)");
    await expect(seed(empty)).rejects.toThrow();
    expect(rowsOf(await contents(empty), "tenants")).toEqual([]);
    await chunks("drop constraint broken");
    await seed(empty);
    expect(await contents(empty)).toEqual(await contents(database));
  } finally {
    await empty.drop();
  }
});

test("production is refused, unless it is wanted", async () => {
  vi.stubEnv("TENANT_SIGNING_KEY", testSigning().signingKey);
  vi.stubEnv("NODE_ENV", "production");
  await expect(seed(database)).rejects.toThrow(SeedRefusedError);
  await seed({ ...database, allowProduction: true });
});

type Contents = Record<string, Record<string, unknown>[]>;

function rowsOf(found: Contents, table: string): Record<string, unknown>[] {
  const rows = found[table];
  if (!rows) throw new Error(`There is no table ${table}.`);
  return rows;
}

/** Every row of every table, in the order of its key. */
async function contents({ superuserUrl }: TenantDatabase): Promise<Contents> {
  return withServer(superuserUrl, async (server) => {
    const { rows: tables } = await server.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' order by 1",
    );
    const found: Contents = {};
    for (const { name } of tables) {
      found[name] = (await server.query(`select * from ${name} t order by t::text`)).rows;
    }
    return found;
  });
}
