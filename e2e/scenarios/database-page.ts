import { waitFor } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import { asVisitor, PHONE, photograph } from "../support/browser.ts";
import type { Fixture } from "../support/fixture.ts";
import { companies, signIn } from "../support/people.ts";

export function databasePage(fixture: () => Fixture): void {
  describe("the Database page", () => {
    test("shows the state at a glance, and its figures and chart move", async () => {
      const { browser, portals } = fixture();
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, companies(portals)[0]);
        await page.goto(`${portals.developer.url}/database`);
        await page.getByText("Healthy", { exact: true }).first().waitFor();
        const drawing = () => page.locator("main svg.recharts-surface").first().innerHTML();
        await page.locator("main svg.recharts-surface").first().waitFor();
        const before = await drawing();
        await waitFor(async () => (await drawing()) !== before, {
          timeoutMs: 10_000,
          what: "the chart to move",
        });
        await page.waitForTimeout(6_000); // for the picture only: a chart of some seconds
        await photograph(page, "database-desktop");
        await page.setViewportSize(PHONE);
        await photograph(page, "database-phone");
      });
    });

    test("its figures are for staff only", async () => {
      const { portals } = fixture();
      const response = await fetch(`${portals.developer.url}/api/database`);
      expect(response.status).toBe(401);
      expect(await response.text()).not.toContain("totalCount");
    });
  });
}
