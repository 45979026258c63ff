import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { disconnect, forTenant, getPoolStats, healthCheck } from "../src/client.ts";
import { usePortalDatabase } from "./support/portal-database.ts";
import { HARBOUR } from "./support/tenants.ts";

usePortalDatabase();

beforeAll(() => void vi.stubEnv("DB_POOL_MAX", "auto"));
afterAll(() => disconnect());

test("with DB_POOL_MAX=auto the pool is looked at from the start, and health and figures tell its size and why", async () => {
  await forTenant(HARBOUR).execute("select 1");
  await expect.poll(getPoolStats, { timeout: 10_000 }).toMatchObject({ max: 3, min: 2, maxReason: "enough" });
  expect((await healthCheck()).poolStats).toMatchObject({ max: 3, maxReason: "enough" });
});
