import { expect } from "vitest";
import { test } from "../fixture.ts";

test.for(["developer", "tenant"] as const)(
  "health routes of the %s portal answer GET and HEAD, uncached",
  async (which, { portals }) => {
    for (const route of ["live", "ready", "db"]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await fetch(`${portals[which].url}/api/health/${route}`, {
          method,
          redirect: "manual",
        });
        expect({ route, method, status: response.status }).toEqual({ route, method, status: 200 });
        expect(response.headers.get("cache-control")).toBe("no-store");
        const body = await response.text();
        if (method === "HEAD") expect(body).toBe("");
        else if (route === "db") {
          expect(JSON.parse(body)).toEqual({
            status: "healthy",
            latencyMs: expect.any(Number),
            poolStats: {
              totalCount: expect.any(Number),
              idleCount: expect.any(Number),
              waitingCount: expect.any(Number),
            },
            timestamp: expect.any(String),
          });
        }
      }
    }
  },
);

test("a burst of probes costs the database next to nothing", async ({ portals }) => {
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async () => (await fetch(`${portals.tenant.url}/api/health/db`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
});
