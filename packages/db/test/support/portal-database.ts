import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { afterAll, beforeAll, vi } from "vitest";
import { disconnect } from "../../src/client.ts";
import * as schema from "../../src/schema/index.ts";
import { createTenantDatabase, type TenantDatabase } from "./database.ts";

let database: TenantDatabase | undefined;
let superuser: pg.Pool | undefined;

/** Gives a test file a database of its own, which `db` and `forTenant` use as the portals do. */
export function usePortalDatabase(): () => TenantDatabase {
  beforeAll(async () => {
    database = await createTenantDatabase();
    superuser = new pg.Pool({ connectionString: database.superuserUrl });
    vi.stubEnv("DATABASE_URL", database.appUrl);
  });
  afterAll(async () => {
    await disconnect();
    vi.unstubAllEnvs();
    await superuser?.end();
    await database?.drop();
  });
  return () => {
    if (!database) throw new Error("The database is there from beforeAll on.");
    return database;
  };
}

/** Drizzle with every right and no tenant, for what no query of the portals does, so that their role may not. */
export function beyondGrants(): NodePgDatabase<typeof schema> {
  if (!superuser) throw new Error("The database is there from beforeAll on.");
  return drizzle(superuser, { schema });
}
