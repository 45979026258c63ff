import { expect, test } from "vitest";
import { startFixture } from "../support/portal.ts";
import { type Context, get } from "./context.ts";

/** The same portal with `DB_USE_SINGLE_CLIENT=true`. */
export function rolledBack(context: () => Context): void {
  test("pages, routes and health routes answer over the single client", async () => {
    const portal = await startFixture({
      DATABASE_URL: context().databaseUrl,
      DB_USE_SINGLE_CLIENT: "true",
      METRICS_TOKEN: "0123456789abcdef",
    });
    try {
      const pages = await Promise.all(Array.from({ length: 10 }, () => get(portal, "/documents")));
      for (const page of pages)
        expect(page).toMatchObject({ status: 200, body: expect.stringContaining("loaded title") });
      expect((await get(portal, "/api/slow?seconds=0")).status).toBe(200);
      expect((await get(portal, "/api/health/ready")).status).toBe(200);
      const health = await get(portal, "/api/health/db");
      expect(JSON.parse(health.body)).toMatchObject({ status: "healthy", poolStats: { totalCount: 1 } });
      expect((await get(portal, "/api/metrics")).status).toBe(401);
      const headers = { authorization: "Bearer 0123456789abcdef" };
      const scrape = await get(portal, "/api/metrics", { headers });
      expect(scrape.body).toContain(
        'db_client_connection_limit{db_client_connection_pool_name="openhouse"} 1',
      );
    } finally {
      await portal.stop();
    }
  });
}
