import { databaseSettings, disconnect, withClient } from "@openhouse/db/client";
import { type SeedResult, seed } from "@openhouse/db/seed";
import { actAsTenant } from "@openhouse/db/signing";
import { createTenantDatabase, type TenantDatabase } from "@openhouse/db/test-support/database";
import { withServer } from "@openhouse/db/test-support/template";
import { afterAll, beforeAll, vi } from "vitest";

export { AMELIA, COOPERS_QUAY, HARBOUR, NORTHGATE } from "@openhouse/db/test-support/tenants";

/** Gives the test file a seeded database, through the same client that the portals use. */
export function tenantDatabase(): {
  readonly seeded: SeedResult;
  asOwner(statement: string): Promise<void>;
  /** With every right, for what no query of the portals does, so that their role may not. */
  asSuperuser(statement: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
} {
  let database: TenantDatabase | undefined;
  let seeded: SeedResult | undefined;

  beforeAll(async () => {
    const made = await createTenantDatabase();
    database = made;
    vi.stubEnv("DATABASE_URL", made.appUrl);
    vi.stubEnv("DATABASE_URL_OWNER", undefined);
    vi.stubEnv("DB_POOL_MIN", "0");
    seeded = await seed({ appUrl: made.appUrl });
  });

  // Not from within the other hook, from where it would never be called, and the worker's next file be given this database.
  afterAll(async () => {
    await disconnect();
    vi.unstubAllEnvs();
    await database?.drop();
  });

  return {
    get seeded() {
      if (seeded === undefined) throw new Error("the database is made in beforeAll");
      return seeded;
    },
    async asOwner(statement) {
      if (database === undefined) throw new Error("the database is made in beforeAll");
      await withServer(database.ownerUrl, (client) => client.query(statement));
    },
    async asSuperuser(statement, values) {
      if (database === undefined) throw new Error("the database is made in beforeAll");
      const { rows } = await withServer(database.superuserUrl, (client) => client.query(statement, values));
      return rows;
    },
  };
}

/** Runs one statement as the tenant, and as the portals' role. */
export function asTenant(tenantId: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
  return withClient(async (client) => {
    await client.query("begin");
    await actAsTenant(client, tenantId, databaseSettings().signing);
    const { rows } = await client.query<Record<string, unknown>>(statement, values);
    await client.query("commit");
    return rows;
  });
}
