import { randomBytes, randomUUID } from "node:crypto";
import type { Database } from "@openhouse/db/client";
import { lookupHash } from "@openhouse/db/queries/directory";
import { addDocument, indexDocument } from "@openhouse/db/queries/documents";
import * as schema from "@openhouse/db/schema";
import { actAsTenant, signingFor } from "@openhouse/db/signing";
import { asSuperuser } from "@openhouse/pool-testing";
import { MEASURED_SECRET } from "@openhouse/tooling/portals/running-portal";
import { type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { type LoadDocument, loadDocuments, noticeOf } from "./documents.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH = 20;
const ROWS_PER_INSERT = 5_000;

/** A tenant made for one run: a development, its documents, and a home with an open code for everybody who comes. */
export interface SeededTenant {
  readonly tenantId: string;
  readonly codes: readonly string[];
  /** Stores a document that waits for its index; answers its id. */
  addDocument(title: string): Promise<string>;
  /** How many of the documents cannot be found yet. */
  countNotIndexed(documentIds: readonly string[]): Promise<number>;
  /** Conversations that a job has given their title. */
  countTitled(): Promise<number>;
  /** Takes the tenant with all its rows out of the database again: more than the portal's role may. */
  remove(ownerUrl: string): Promise<void>;
}

/** Makes a tenant with so many codes, as the portal's own role: every row goes through row-level security. */
export async function seedTenant(appUrl: string, count: number): Promise<SeededTenant> {
  process.env.AUTH_SECRET = MEASURED_SECRET; // the portal has to find the codes
  const tenantId = randomUUID();
  const developmentId = randomUUID();
  const codes = Array.from({ length: count }, newCode);
  const add = (tx: Database, document: LoadDocument) =>
    addDocument(tx, { ...document, developmentId, mediaType: "text/markdown", uploadedBy: null });
  await inTenant(appUrl, tenantId, async (tx, client) => {
    const slug = `load-${tenantId.slice(0, 8)}`;
    await client.query("insert into tenants (name, slug) values ($1, $2)", ["Load test", slug]);
    await client.query(
      "insert into developments (id, name, address, stage) values ($1, 'Load Court', '1 Load Lane', 'completed')",
      [developmentId],
    );
    for (let start = 0; start < count; start += ROWS_PER_INSERT) {
      const part = codes.slice(start, start + ROWS_PER_INSERT);
      await client.query(HOMES, [
        developmentId,
        start,
        part,
        part.map((code) => lookupHash("onboarding_code", code)),
      ]);
    }
    for (const document of loadDocuments()) await indexDocument(tx, await add(tx, document));
  });
  await asSuperuser(appUrl, (client) => client.query("analyze")).catch(() => {}); // tables that are not ours are left out
  const counted = (statement: SQL) =>
    inTenant(appUrl, tenantId, async (tx) => (await tx.execute<{ n: number }>(statement)).rows[0]?.n ?? 0);
  return {
    tenantId,
    codes,
    addDocument: (title) => inTenant(appUrl, tenantId, (tx) => add(tx, noticeOf(title))),
    countNotIndexed: (ids) =>
      counted(
        sql`select count(*)::int as n from documents where indexed_at is null and id = any (${`{${ids.join(",")}}`}::uuid[])`,
      ),
    countTitled: () => counted(sql`select count(*)::int as n from chat_threads where titled_by = 'job'`),
    remove: (ownerUrl) => removeTenant(ownerUrl, tenantId),
  };
}

const HOMES = `
  with given as (select code, hash, $2::int + n as n from unnest($3::text[], $4::text[]) with ordinality as given (code, hash, n)),
  new_units as (
    insert into units (development_id, label, kind, bedrooms, floor_area_m2)
      select $1, 'Home ' || n, 'flat', 2, 70 from given returning id, label),
  new_people as (
    insert into homeowners (unit_id, name, email)
      select id, 'Owner of ' || label, 'owner-' || substr(label, 6) || '@example.com' from new_units returning id, email),
  new_codes as (
    insert into onboarding_codes (homeowner_id, code, expires_at)
      select new_people.id, given.code, now() + interval '1 day'
        from given join new_people on new_people.email = 'owner-' || given.n || '@example.com')
  select directory_add('onboarding_code', hash) from given`;

/** Children go before their parents, whatever tables there are: what is still referred to is tried again. */
async function removeTenant(ownerUrl: string, tenantId: string): Promise<void> {
  await inTenant(ownerUrl, tenantId, async (_tx, client) => {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.columns
        where table_schema = 'public' and column_name = 'tenant_id'`,
    );
    let left = rows.map(({ name }) => name);
    while (left.length > 0) {
      const again: string[] = [];
      for (const name of left) {
        await client.query("savepoint attempt");
        try {
          await client.query(`delete from ${name} where tenant_id = $1`, [tenantId]);
        } catch {
          await client.query("rollback to attempt");
          again.push(name);
        }
      }
      if (again.length === left.length) throw new Error(`rows of the load test stay in ${again.join(", ")}`);
      left = again;
    }
  });
}

/** One transaction as a tenant, through Drizzle and, on the same connection, by hand. */
async function inTenant<T>(
  appUrl: string,
  tenantId: string,
  work: (tx: Database, client: pg.Client) => Promise<T>,
): Promise<T> {
  return asSuperuser(appUrl, (client) =>
    drizzle(client, { schema }).transaction(async (tx) => {
      await actAsTenant(client, tenantId, signingFor(appUrl));
      return work(tx, client);
    }),
  );
}

function newCode(): string {
  return Array.from(randomBytes(CODE_LENGTH), (byte) => ALPHABET.charAt(byte & 31)).join("");
}
