import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db, disconnect, forTenant } from "../src/client.ts";
import { actAsTenant } from "../src/signing.ts";
import { readCatalog, type Table } from "./support/catalog.ts";
import { allowEverything, createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { addExampleRow, addExampleRows, insertStatement, type Row } from "./support/example-rows.ts";
import { READABLE_BY_ALL } from "./support/exceptions.ts";
import { outcomeOf } from "./support/sqlstate.ts";
import { APP, OWNER } from "./support/template.ts";
import { HARBOUR, NORTHGATE, testSigning } from "./support/tenants.ts";

const REFUSED_BY_POLICY = "42501";
const NO_SUCH_PARENT = "23503";

/** Runs a statement as the tenant; null: as nobody. */
type RunAs = (tenantId: string | null, statement: SQL) => Promise<{ rows: Row[]; rowCount: number | null }>;

let database: TenantDatabase;
let superuser: pg.Client;
let app: pg.Client;
let tables: Table[];
let before: Record<string, unknown>;
const rows = new Map<string, Map<string, Row>>();

beforeAll(async () => {
  database = await createTenantDatabase();
  process.env.DATABASE_URL = database.appUrl;
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  app = new pg.Client({ connectionString: database.appUrl });
  await Promise.all([superuser.connect(), app.connect()]);
  await allowEverything(superuser);
  tables = (await readCatalog(superuser)).filter(({ columns }) =>
    columns.some(({ name }) => name === "tenant_id"),
  );
  for (const tenantId of [HARBOUR, NORTHGATE]) {
    rows.set(
      tenantId,
      await addExampleRows((statement) => inTransaction(tenantId, statement), tables, tenantId),
    );
  }
  before = await fingerprint();
});

afterAll(async () => {
  await disconnect();
  await Promise.all([superuser.end(), app.end()]);
  await database.drop();
});

const inTransaction: RunAs = (tenantId, statement) =>
  drizzle(app).transaction(async (tx) => {
    if (tenantId !== null) await actAsTenant(app, tenantId, testSigning());
    return tx.execute(statement);
  });

const throughClient: RunAs = (tenantId, statement) =>
  (tenantId === null ? db : forTenant(tenantId)).execute(statement);

const WAYS: [name: string, runAs: RunAs][] = [
  ["a transaction with set_config", inTransaction],
  ["forTenant", throughClient],
];
const ATTACKS: [attacker: string, victim: string, from: string, to: string][] = [
  ["Harbour & Vale", "Northgate", HARBOUR, NORTHGATE],
  ["Northgate", "Harbour & Vale", NORTHGATE, HARBOUR],
];

describe.each(WAYS)("through %s", (_, runAs) => {
  describe.each(ATTACKS)("%s gets nothing of %s's", (_attacker, _victim, attacker, victim) => {
    test("reading: rows of its own, none of the other's, in any table", async () => {
      for (const table of tables) {
        const all = await runAs(attacker, sql`select * from ${name(table)}`);
        const seen = new Set(all.rows.map(({ tenant_id }) => tenant_id));
        if (table.name in READABLE_BY_ALL) expect(seen, table.name).toEqual(new Set([attacker, victim]));
        else expect(seen, table.name).toEqual(new Set([attacker]));
      }
    });

    test("inserting as the other is refused, in any table", async () => {
      for (const table of tables) {
        const copy = writable(table, rowOf(victim, table));
        const fresh = table.columns.some(({ name }) => name === "id") ? { ...copy, id: randomUUID() } : copy;
        const outcome = await outcomeOf(runAs(attacker, insertStatement(table, fresh)));
        expect({ [table.name]: outcome }).toEqual({ [table.name]: REFUSED_BY_POLICY });
      }
    });

    test("updating the other's rows touches none, in any table", async () => {
      for (const table of tables) {
        const column = sql.identifier(writableColumn(table));
        const aimed = sql`update ${name(table)} set ${column} = ${column} where tenant_id = ${victim}`;
        expect((await runAs(attacker, aimed)).rowCount, table.name).toBe(0);
        const blind = sql`update ${name(table)} set ${column} = ${column} returning tenant_id`;
        const touched = new Set((await runAs(attacker, blind)).rows.map(({ tenant_id }) => tenant_id));
        expect(touched, table.name).toEqual(new Set([attacker]));
      }
    });

    test("deleting the other's rows touches none, in any table", async () => {
      for (const table of tables) {
        const result = await runAs(attacker, sql`delete from ${name(table)} where tenant_id = ${victim}`);
        expect(result.rowCount, table.name).toBe(0);
      }
    });

    test("moving rows over, in either direction, is refused or touches none, in any table", async () => {
      for (const table of tables) {
        const give = sql`update ${name(table)} set tenant_id = ${victim} where tenant_id = ${attacker}`;
        const outcome = await outcomeOf(runAs(attacker, give));
        expect({ [table.name]: outcome }).toEqual({ [table.name]: REFUSED_BY_POLICY });
        const take = sql`update ${name(table)} set tenant_id = ${attacker} where tenant_id = ${victim}`;
        expect((await runAs(attacker, take)).rowCount, table.name).toBe(0);
      }
    });

    test("referencing the other's rows is refused, through every foreign key", async () => {
      let tried = 0;
      for (const table of tables) {
        for (const key of table.constraints.filter(
          ({ kind, columns }) => kind === "f" && columns.length > 1,
        )) {
          const parent = rows.get(victim)?.get(key.target ?? "");
          const foreign = Object.fromEntries(
            key.columns
              .map((column, at) => [column, parent?.[key.targetColumns[at] ?? ""]])
              .filter(([column]) => column !== "tenant_id"),
          );
          const insert = addExampleRow(
            (statement) => runAs(attacker, statement),
            table,
            attacker,
            rows.get(attacker) ?? new Map(),
            foreign,
          );
          expect({ [key.name]: await outcomeOf(insert) }).toEqual({ [key.name]: NO_SUCH_PARENT });
          tried++;
        }
      }
      expect(tried).toBeGreaterThanOrEqual(11);
    });

    test("an upsert over a key that spans tenants does not take the other's row", async () => {
      for (const table of tables) {
        for (const key of table.constraints.filter(({ kind }) => kind === "p" || kind === "u")) {
          if (key.columns.includes("tenant_id")) continue;
          const mine = { ...writable(table, rowOf(victim, table)), tenant_id: attacker };
          const target = sql.join(
            key.columns.map((column) => sql.identifier(column)),
            sql`, `,
          );
          const upsert = sql`${insertStatement(table, mine)} on conflict (${target}) do update set tenant_id = ${attacker}`;
          expect({ [key.name]: await outcomeOf(runAs(attacker, upsert)) }).toEqual({
            [key.name]: expect.stringMatching(/^(42501|23505)$/),
          });
        }
      }
    });
  });

  test("without a tenant nothing is visible, and nothing can be written", async () => {
    for (const table of tables) {
      const { rows: seen } = await runAs(null, sql`select * from ${name(table)}`);
      if (!(table.name in READABLE_BY_ALL)) expect(seen, table.name).toEqual([]);
      const column = sql.identifier(writableColumn(table));
      const update = await runAs(null, sql`update ${name(table)} set ${column} = ${column}`);
      const remove = await runAs(null, sql`delete from ${name(table)}`);
      expect([update.rowCount, remove.rowCount], table.name).toEqual([0, 0]);
      const copy = writable(table, rowOf(HARBOUR, table));
      const insert = await outcomeOf(runAs(null, insertStatement(table, copy)));
      expect({ [table.name]: insert }).toEqual({ [table.name]: REFUSED_BY_POLICY });
    }
  });
});

test("neither the owner nor an empty setting sees a row, and a setting that is no token is an error", async () => {
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    for (const client of [owner, app]) {
      for (const table of tables.filter(({ name }) => !(name in READABLE_BY_ALL))) {
        await client.query("select set_config('app.tenant', '', false)");
        const { rows: seen } = await client.query(`select * from ${table.name}`);
        expect(seen, table.name).toEqual([]);
        await client.query("select set_config('app.tenant', 'everybody', false)");
        expect(await outcomeOf(client.query(`select * from ${table.name}`))).toBe("OH001");
      }
      await client.query("reset app.tenant");
    }
  } finally {
    await owner.end();
  }
});

test("the app role cannot take row-level security away", async () => {
  for (const table of tables) {
    const attempts = [
      `truncate ${table.name} cascade`,
      `alter table ${table.name} disable row level security`,
      `alter table ${table.name} no force row level security`,
      `create policy wide on ${table.name} using (true)`,
      `alter table ${table.name} owner to ${APP.name}`,
      `create view all_rows as select * from ${table.name}`,
      `set row_security = off; select * from ${table.name}`,
    ];
    for (const attempt of attempts) {
      const outcome = await outcomeOf(app.query(attempt));
      expect({ [attempt]: outcome }).toEqual({ [attempt]: REFUSED_BY_POLICY });
    }
    await app.query("reset row_security");
  }
  expect(await outcomeOf(app.query(`set role ${OWNER.name}`))).toBe("42501");
});

test("after all of it every tenant has what it had before", async () => {
  expect(Object.keys(before)).toHaveLength(tables.length);
  expect(await fingerprint()).toEqual(before);
});

/** Counts and contents by table and tenant, as the superuser sees them. */
async function fingerprint(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const table of tables) {
    const { rows: byTenant } = await superuser.query(
      `select tenant_id, count(*)::int, md5(string_agg(t::text, ',' order by t::text)) from ${table.name} t group by 1 order by 1`,
    );
    found[table.name] = byTenant;
  }
  return found;
}

const name = (table: Table) => sql.identifier(table.name);

function rowOf(tenantId: string, table: Table): Row {
  const row = rows.get(tenantId)?.get(table.name);
  if (!row) throw new Error(`There is no row of ${tenantId} in ${table.name} to attack.`);
  return row;
}

const generated = (table: Table) =>
  new Set(table.columns.filter((column) => column.generated).map((column) => column.name));

/** The row without what Postgres computes itself; JSON and arrays as text, which is how they are written. */
function writable(table: Table, row: Row): Row {
  const computed = generated(table);
  const written = Object.entries(row).filter(([column, value]) => value !== null && !computed.has(column));
  return Object.fromEntries(written.map(([column, value]) => [column, asWritten(value)]));
}

function asWritten(value: unknown): unknown {
  if (Array.isArray(value)) return `{${value.join(",")}}`;
  return typeof value === "object" && !(value instanceof Date) ? JSON.stringify(value) : value;
}

function writableColumn(table: Table): string {
  const computed = generated(table);
  const key = table.constraints.find(({ kind }) => kind === "p")?.columns ?? [];
  const column = table.columns.find(({ name }) => !computed.has(name) && !key.includes(name));
  if (!column) throw new Error(`${table.name} has no column to update.`);
  return column.name;
}
