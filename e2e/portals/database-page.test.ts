import { asSuperuser, type EmbeddedPostgres, waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import type { Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";
import { end, type Portal, type Portals, startPortal } from "../support/portals.ts";
import { lockTable } from "../support/table-lock.ts";

const drawing = (page: Page) => page.locator("main svg[data-chart=Connections]").innerHTML();

test("the Database page shows the state at a glance, and its figures and chart move", async ({
  portals,
  page,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Database" }).click();
  await page.getByText("Good", { exact: true }).first().waitFor();
  const before = await drawing(page);
  await waitFor(async () => (await drawing(page)) !== before, {
    timeoutMs: 10_000,
    what: "the chart to move",
  });
  await photograph(page, "database-desktop");
  await page.setViewportSize(PHONE);
  await photograph(page, "database-phone");
});

test("the chart stands still while it is paused, and a link leads others to the moment", async ({
  portals,
  page,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/database`);
  await page.getByRole("button", { name: "Pause" }).click();
  const before = await drawing(page);
  await page.waitForTimeout(2_500); // two readings
  expect(await drawing(page)).toBe(before);
  await page.getByLabel("Moment").press("ArrowLeft");
  const told = await page.locator("[data-moment]").textContent();
  await page.getByRole("link", { name: "Link to this moment" }).click();
  await page.waitForURL(/at=/);
  await page.reload();
  expect(await page.locator("[data-moment]").textContent()).toBe(told);
});

test("the Database page and its figures are for operators only", async ({ portals, page }) => {
  const response = await fetch(`${portals.developer.url}/api/database`);
  expect(response.status).toBe(401);
  expect(await response.text()).not.toContain("waiting");
  await signIn(page, portals, companies(portals)[0], "viewer");
  await expect(page.getByRole("link", { name: "Database" }).count()).resolves.toBe(0);
  for (const path of ["/database", "/api/database", "/api/database/stream"])
    expect((await page.goto(`${portals.developer.url}${path}`))?.status()).toBe(403);
});

test("while the pool is full the page answers at once, and says so", async ({ portals, page }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/database`);
  const lock = await lockTable(portals.postgres.url, "documents", "access exclusive");
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const requests = Array.from({ length: 12 }, () =>
    fetch(`${portals.developer.url}/documents`, { headers: { cookie } }).then((answer) => answer.text()),
  );
  try {
    await page.getByText("Act", { exact: true }).first().waitFor();
    const startedAtMs = performance.now();
    const answer = await page.goto(`${portals.developer.url}/database`);
    expect(answer?.status()).toBe(200);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    await page.getByText(/wait for a connection/).waitFor();
    await photograph(page, "database-saturated");
    await page.setViewportSize(PHONE);
    await photograph(page, "database-saturated-phone");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  } finally {
    await lock.release();
    await Promise.all(requests);
  }
});

test("the page shows who waits for whose lock, the route of both, and how each route did", async ({
  portals,
  page,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/documents`);
  await page.goto(`${portals.developer.url}/database`);
  const routes = page.getByRole("region", { name: "Routes" });
  await routes.getByRole("rowheader", { name: "/documents" }).waitFor();
  const lock = await lockTable(portals.postgres.url, "documents", "access exclusive");
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const request = fetch(`${portals.developer.url}/documents`, { headers: { cookie } });
  try {
    const pair = page
      .getByRole("region", { name: "Locks" })
      .getByRole("row")
      .filter({ hasText: "/documents" });
    await pair
      .getByRole("cell")
      .filter({ hasText: /documents$/ })
      .first()
      .waitFor();
    await expect(pair.first().textContent()).resolves.toMatch(/openhouse_app.*postgres.*hidden/);
    await page.getByText(/hidden from openhouse_app/).waitFor();
    await expect(page.getByRole("region", { name: "Locks" }).textContent()).resolves.not.toMatch(/select/i);
    await photograph(page, "database-lock-desktop");
    await page.setViewportSize(PHONE);
    await photograph(page, "database-lock-phone");
  } finally {
    await lock.release();
    await (await request).text();
  }
});

test("a statement that waits for a lock for ten seconds is a sentence above the figures, until the lock is let go", async ({
  portals,
  page,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/database`);
  const lock = await lockTable(portals.postgres.url, "documents", "access exclusive");
  const startedAtMs = performance.now();
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const request = fetch(`${portals.developer.url}/documents`, { headers: { cookie } });
  try {
    const sentence = page.getByText(
      /^A statement has waited for a lock for 1\d s: in its way is (?:.* \()?pid \d+\)?\.$/,
    );
    await sentence.first().waitFor({ timeout: 30_000 });
    expect(performance.now() - startedAtMs).toBeGreaterThan(10_000);
    await page.getByText("Look", { exact: true }).first().waitFor();
    await photographBoth(page, "database-blocked");
    await lock.release();
    await sentence.first().waitFor({ state: "detached" });
  } finally {
    await lock.release();
    await (await request).text();
  }
});

test("a transaction that has been open for five minutes is a sentence above the figures", async ({
  portals,
  page,
}) => {
  const developer = await startPortal("developer-portal", {
    DATABASE_URL: await withClockAhead(portals, "4 min 55 s"),
  });
  onTestFinished(() => end(developer));
  const holder = new pg.Client({ connectionString: portals.appUrl, application_name: "a migration" });
  await holder.connect();
  onTestFinished(() => holder.end());
  await signIn(page, { ...portals, developer }, companies(portals)[0]);
  await page.goto(`${developer.url}/database`);
  await page.getByText("Good", { exact: true }).first().waitFor();
  await holder.query("begin; select count(*) from developments");
  await page
    .getByText(/^A transaction has been open for 5 min: a migration \(pid \d+\), idle in transaction\.$/)
    .first()
    .waitFor();
  await page.getByText("Look", { exact: true }).first().waitFor();
  await photographBoth(page, "database-long-transaction");
});

/** Where sessions see the server's clock run ahead, so that what has lasted for seconds has lasted for minutes. */
async function withClockAhead({ postgres, appUrl }: Portals, by: string): Promise<string> {
  await asSuperuser(postgres.url, (client) =>
    client.query(`
      create schema ahead;
      create function ahead.clock_timestamp() returns timestamptz language sql volatile
        as $$ select pg_catalog.clock_timestamp() + interval '${by}' $$;
      grant usage on schema ahead to openhouse_app;
      grant execute on function ahead.clock_timestamp to openhouse_app`),
  );
  onTestFinished(() =>
    asSuperuser(postgres.url, async (client) => void (await client.query("drop schema ahead cascade"))),
  );
  return `${appUrl}?options=-c%20search_path%3Dahead,pg_catalog,public`;
}

async function photographBoth(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 });
  await photograph(page, `${name}-desktop`);
  await page.setViewportSize(PHONE);
  await photograph(page, `${name}-phone`);
}

test("four processes are shown while the database is stopped, the worst first, and the outage is a red band", async ({
  portals,
  page,
  newPage,
}) => {
  const { postgres, appUrl, developer, tenant } = portals;
  const elsewhere = await newPage();
  await signIn(elsewhere, portals, companies(portals)[0]);
  const others: Portal[] = [];
  try {
    others.push(await startPortal("tenant-portal", { DATABASE_URL: appUrl }));
    others.push(await startPortal("developer-portal", { DATABASE_URL: appUrl }));
    const peers = [developer, tenant, ...others].map(({ url }) => url);
    const watched = await startPortal("developer-portal", {
      DATABASE_URL: appUrl,
      DATABASE_PAGE_PEERS: [...peers.slice(1), "http://127.0.0.1:9"].join(),
    });
    others.push(watched);
    await signIn(page, { ...portals, developer: watched }, companies(portals)[0]);
    await watchOutage(page, elsewhere, postgres, watched);
  } finally {
    await Promise.all(others.map(end));
  }
});

async function watchOutage(
  page: Page,
  /** Of an operator whom the process has never seen. */
  stranger: Page,
  postgres: EmbeddedPostgres,
  { url }: Portal,
): Promise<void> {
  await page.goto(`${url}/database`);
  const states = () => page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.textContent));
  await waitFor(async () => (await states()).filter((row) => row?.includes("Good")).length === 4, {
    timeoutMs: 15_000,
    what: "four processes that are well",
  });
  expect((await states())[0]).toContain("http://127.0.0.1:9");
  await postgres.kill();
  try {
    await waitFor(async () => (await states()).filter((row) => row?.includes("Act")).length === 4, {
      timeoutMs: 20_000,
      what: "four processes without a database",
    });
    const answer = await page.reload();
    expect(answer?.status()).toBe(200);
    await page.getByText("The database cannot be reached").first().waitFor();
    await page.locator("rect[data-failed]").first().waitFor();
    const refused = await stranger.goto(`${url}/database`);
    expect(refused?.status()).toBe(503);
    await stranger.getByRole("heading", { name: /right back/ }).waitFor();
    await page.waitForTimeout(5_000); // for the picture only: a band of some seconds
    await photograph(page, "database-down");
  } finally {
    await postgres.restart();
  }
  await page.getByText("Good", { exact: true }).first().waitFor({ timeout: 30_000 });
}
