import { afterAll, beforeAll, vi } from "vitest";
import { disconnect } from "../../src/client.ts";
import { createTenantDatabase, type TenantDatabase } from "./database.ts";

/** Gives a test file a database of its own, which `db` and `forTenant` use as the portals do. */
export function usePortalDatabase(): () => TenantDatabase {
  let database: TenantDatabase | undefined;
  beforeAll(async () => {
    database = await createTenantDatabase();
    vi.stubEnv("DATABASE_URL", database.appUrl);
  });
  afterAll(async () => {
    await disconnect();
    vi.unstubAllEnvs();
    await database?.drop();
  });
  return () => {
    if (!database) throw new Error("The database is there from beforeAll on.");
    return database;
  };
}
