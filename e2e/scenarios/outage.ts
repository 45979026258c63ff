import { waitFor } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import { asVisitor, PHONE, photograph } from "../support/browser.ts";
import type { Fixture } from "../support/fixture.ts";
import { companies, signIn } from "../support/people.ts";

export function outage(fixture: () => Fixture): void {
  describe("while the database is away", () => {
    test("routes say 503, a page stays calm, and both come back by themselves", async () => {
      const { browser, portals } = fixture();
      const { developer, tenant, postgres } = portals;
      const status = async (url: string, method = "GET") => (await fetch(url, { method })).status;
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, companies(portals)[0]);
        await postgres.kill();
        try {
          for (const { url } of [developer, tenant]) {
            // The connection that was cut off is one kind of error, the next attempt another.
            const response = await waitFor(
              async () => {
                const answer = await fetch(`${url}/api/health/db`);
                const { error } = await answer.clone().json();
                return error === "connection_refused" && answer;
              },
              { timeoutMs: 20_000, what: "health/db to notice" },
            );
            expect(response.status).toBe(503);
            expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
            expect(await response.json()).toMatchObject({ status: "unhealthy" });
            expect(await status(`${url}/api/health/db`, "HEAD")).toBe(503);
            expect(await status(`${url}/api/health/live`)).toBe(200);
            await waitFor(async () => (await status(`${url}/api/health/ready`)) === 503, {
              timeoutMs: 20_000,
              what: "health/ready to give up after three failures",
            });
          }
          const [reply] = await Promise.all([
            page.waitForResponse((response) => response.url() === `${developer.url}/`),
            page.goto(developer.url),
          ]);
          expect(reply.status()).toBe(503);
          expect(reply.headers()["retry-after"]).toMatch(/^\d+$/);
          await page.getByRole("heading", { name: /right back/ }).waitFor();
          await photograph(page, "database-away-desktop");
          await page.setViewportSize(PHONE);
          await photograph(page, "database-away-phone");
          expect(await page.content()).not.toMatch(/ECONNREFUSED|127\.0\.0\.1:\d+|select /i);
        } finally {
          await postgres.restart();
        }
        await page.getByRole("heading", { level: 1, name: "Developments" }).waitFor({ timeout: 40_000 });
      });
      for (const { url } of [developer, tenant]) {
        for (const route of ["live", "ready", "db"]) {
          await waitFor(async () => (await status(`${url}/api/health/${route}`)) === 200, {
            what: `${route} to be back`,
          });
        }
      }
    });

    test("nothing in the portals' logs tells SQL, parameters or passwords", () => {
      const { developer, tenant } = fixture().portals;
      const lines = (developer.output() + tenant.output()).split("\n");
      // A slow statement is told by its text, in which every value is a question mark.
      const log = lines.filter((line) => !line.includes('"event":"db.query.slow"')).join("\n");
      expect(log).toContain("connection_refused");
      expect(log).not.toMatch(/select |insert |params:|end-to-end|scram|password/i);
    });
  });
}
