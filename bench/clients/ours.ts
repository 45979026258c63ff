import { signingFor, TenantTokens } from "@openhouse/db/signing";
import { Pool, type PoolOptions } from "@openhouse/pool";
import { drizzleOverPool, makePrepareFor } from "@openhouse/pool/drizzle";
import { eq, sql } from "drizzle-orm";
import type pg from "pg";
import { type ClientOptions, MANY_CALLERS, MANY_CALLERS_TIMEOUT_MS, type OpenClient } from "./client.ts";
import { openPgPool, poolOptions } from "./connection.ts";
import {
  drizzleOperations,
  fourStatements,
  insertsOf,
  oneByOne,
  pageQueries,
  readNote,
  SIGNED,
} from "./drizzle-operations.ts";
import { noteOf, tenantOf } from "./rows.ts";
import * as schema from "./tables.ts";

/** As it is shipped: every limit and check that is on by default stays on. */
export function openPool({ url, max, manyCallers }: ClientOptions, options: PoolOptions = {}): Pool {
  const patient = { maxWaiting: MANY_CALLERS, connectionTimeoutMillis: MANY_CALLERS_TIMEOUT_MS };
  return new Pool({ ...poolOptions(url, max), ...(manyCallers ? patient : {}), ...options });
}

export const PG_POOL = "pg.Pool";

/** For works on pools alone: a plain one, by its title, or ours; either with a deadline for those that wait. */
export function openAnyPool(title: string, url: string, max: number, limits: pg.PoolConfig = {}): pg.Pool {
  const options = { url, max, manyCallers: true };
  return title === PG_POOL ? openPgPool(options, limits) : openPool(options, limits);
}

/** Has every connection of a pool checked out. */
export function checkOutAll(pool: pg.Pool, max: number): Promise<pg.PoolClient[]> {
  return Promise.all(Array.from({ length: max }, () => pool.connect()));
}

export async function open(options: ClientOptions): Promise<OpenClient> {
  const pool = openPool(options);
  const { db, scoped } = drizzleOverPool(() => pool, schema);
  const asTenant = (n: number) => scoped({ "app.tenant_id": tenantOf(n) });
  const tokens = new TenantTokens(signingFor(options.url));
  const signed = drizzleOverPool(() => pool, schema, {
    sign: ({ "app.tenant": tenantId = "" }, backendPid) => ({
      "app.tenant": tokens.tokenFor(tenantId, backendPid),
    }),
  });
  const asSigned = (n: number) => signed.scoped({ "app.tenant": tenantOf(n) });
  const prepareFor = makePrepareFor(schema);
  const noteById = prepareFor((db) =>
    db
      .select()
      .from(schema.notes)
      .where(eq(schema.notes.id, sql.placeholder("id"))),
  );
  const signedNoteById = prepareFor((db) =>
    db
      .select()
      .from(schema.signedNotes)
      .where(eq(schema.signedNotes.id, sql.placeholder("id"))),
  );
  return {
    operations: {
      ...drizzleOperations(db),
      scopedSelect: (n) => readNote(asTenant(n), n),
      tenantTransaction: (n) => asTenant(n).transaction((tx) => fourStatements(tx, n)),
      signedSelect: (n) => readNote(asSigned(n), n, SIGNED),
      signedTransaction: (n) => asSigned(n).transaction((tx) => fourStatements(tx, n, SIGNED)),
      tenantPage: async (n) => {
        const tenant = asTenant(n);
        return (await tenant.batch(pageQueries(tenant, n)))[0];
      },
      pageOneByOne: (n) => oneByOne(pageQueries(asTenant(n), n)),
      pageAtOnce: async (n) => (await Promise.all(pageQueries(asTenant(n), n)))[0],
      signedPage: async (n) => {
        const tenant = asSigned(n);
        return (await tenant.batch(pageQueries(tenant, n, SIGNED)))[0];
      },
      preparedScopedSelect: (n) => noteById(asTenant(n), { id: noteOf(n) }),
      preparedSignedSelect: (n) => signedNoteById(asSigned(n), { id: noteOf(n) }),
      insertBatch: async (n) => (await db.batch(insertsOf(db, n)))[0] ?? [],
    },
    acquired: () => pool.getTotals().acquired,
    close: () => pool.end(),
  };
}
