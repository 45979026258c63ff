import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";

test("the Database page shows the state at a glance, and its figures and chart move", async ({
  portals,
  page,
}) => {
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

test("the Database page's figures are for staff only", async ({ portals }) => {
  const response = await fetch(`${portals.developer.url}/api/database`);
  expect(response.status).toBe(401);
  expect(await response.text()).not.toContain("totalCount");
});
