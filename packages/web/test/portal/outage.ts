import { type EmbeddedPostgres, waitFor } from "@openhouse/pool-testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { submitForm } from "../support/form.ts";
import type { RunningPortal } from "../support/portal.ts";
import { answers, type Context, get } from "./context.ts";

/** Of the tests below: a page, its layout, 30 at once, a route, a sign-in, an action. */
const REFUSED = 35;

/** The database goes, and comes back. */
export function outage(context: () => Context): void {
  let portal: RunningPortal;
  let server: EmbeddedPostgres;

  beforeAll(() => {
    ({ portal, server } = context());
  });

  describe("while the database is down", () => {
    let before: number;

    beforeAll(async () => {
      before = portal.log().length;
      await server.kill();
      await answers(portal, "/api/health/db", 503);
    });

    afterAll(async () => {
      await server.restart();
      await answers(portal, "/api/health/db", 200);
    });

    // Side by side: each waits until the time to get a connection is up.
    test.concurrent("a page is a calm 503 that says when to come back", async () => {
      const { status, headers, body } = await get(portal, "/documents");
      expect(status).toBe(503);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      expect(body).toContain("database-unavailable");
      expect(body).toContain("<title>plain title</title>");
    });

    test.concurrent("a scrape says so, and does not wait for the database", async () => {
      const up = () => get(portal, "/api/metrics");
      expect(await up()).toMatchObject({ status: 200 });
      await waitFor(async () => (await up()).body.includes("\nopenhouse_database_up 0\n"), {
        what: "a scrape to say that the database is away",
      });
      expect((await up()).body).toMatch(/^openhouse_database_error\{kind="[a-z_]+"\} 1$/m);
    });

    test.concurrent("the layout outside of loading.tsx decides the status in time", async () => {
      expect(await get(portal, "/streamed")).toMatchObject({
        status: 503,
        body: expect.stringContaining("database-unavailable"),
      });
    });

    test.concurrent("of many requests at once each gets its own status", async () => {
      const paths = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? "/documents" : "/form"));
      const statuses = await Promise.all(paths.map(async (path) => (await get(portal, path)).status));
      expect(statuses).toEqual(paths.map((path) => (path === "/documents" ? 503 : 200)));
    });

    test.concurrent("a route says what kind of trouble it is, and nothing else", async () => {
      const { status, headers, body } = await get(portal, "/api/slow?seconds=0");
      expect([status, body]).toEqual([503, '{"error":"connection_refused"}']);
      expect(headers.get("retry-after")).toBe("5");
      expect(headers.get("cache-control")).toBe("no-store");
    });

    test.concurrent("signing in is refused: attempts that cannot be counted are no open door", async () => {
      const body = JSON.stringify({ email: "someone@example.com", password: "password" });
      const init = { method: "POST", headers: { origin: portal.url }, body };
      expect(await get(portal, "/api/sign-in", init)).toMatchObject({
        status: 503,
        body: '{"error":"connection_refused"}',
      });
    });

    test.concurrent("an action tells the form that nothing was saved", async () => {
      const answer = await submitForm(`${portal.url}/form`, {});
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("Nothing was saved; please try again.");
    });

    test("liveness stays 200, or the process would be killed for its database's fault", async () => {
      expect((await get(portal, "/api/health/live")).status).toBe(200);
      expect((await get(portal, "/api/health/db", { method: "HEAD" })).status).toBe(503);
    });

    test("each is told once, few by a line of their own, with kind, route, database, pool and time, and without SQL", async () => {
      const ours = () => portal.log().slice(before);
      const troublesOf = () => ours().filter(({ event }) => event === "web.database_unavailable");
      const told = () => troublesOf().reduce((sum, { suppressed }) => sum + 1 + Number(suppressed ?? 0), 0);
      await waitFor(() => told() >= REFUSED, { what: "the line that counts the others" });
      expect(told()).toBe(REFUSED);
      const lines = ours();
      const troubles = troublesOf();
      expect(troubles.length).toBeLessThan(REFUSED);
      expect(troubles.filter(({ route }) => typeof route !== "string")).toEqual([]);
      for (const line of troubles) {
        expect(line).toMatchObject({
          kind: "connection_refused",
          code: "POOL_ACQUIRE_TIMEOUT",
          mode: "pool",
          host: "127.0.0.1",
          database: "postgres",
          pool: { totalCount: expect.any(Number), waitingCount: expect.any(Number) },
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        });
      }
      expect(JSON.stringify(lines)).not.toMatch(/select|insert|someone@example/i);
    });
  });

  test("once the database is back, the same process serves again", async () => {
    await answers(portal, "/documents", 200);
    expect((await get(portal, "/documents")).body).toContain("loaded title");
  });
}
