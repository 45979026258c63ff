import { signingFor, TenantTokens } from "@openhouse/db/signing";
import { Pool, type PoolOptions } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import type pg from "pg";
import { type ClientOptions, MANY_CALLERS, MANY_CALLERS_TIMEOUT_MS, type OpenClient } from "./client.ts";
import { openPgPool, poolOptions } from "./connection.ts";
import { drizzleOperations, fourStatements, readNote, SIGNED } from "./drizzle-operations.ts";
import { tenantOf } from "./rows.ts";
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
  return {
    operations: {
      ...drizzleOperations(db),
      scopedSelect: (n) => readNote(asTenant(n), n),
      tenantTransaction: (n) => asTenant(n).transaction((tx) => fourStatements(tx, n)),
      signedSelect: (n) => readNote(asSigned(n), n, SIGNED),
      signedTransaction: (n) => asSigned(n).transaction((tx) => fourStatements(tx, n, SIGNED)),
    },
    close: () => pool.end(),
  };
}
