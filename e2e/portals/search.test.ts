import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { asHomeowner, type Homeowner, SAMIR } from "../support/homeowners.ts";

const ask = async (page: Page, query: string) => {
  await page.getByLabel("Search the documents").fill(query);
  await page.getByLabel("Search the documents").press("Enter");
  await page.waitForURL((url) => url.searchParams.get("q") === query);
};
const titles = (page: Page) => page.getByRole("listitem").getByRole("heading").allTextContents();

test("a homeowner finds the passage, with its words highlighted, and opens its document", async ({
  portals,
  samir: page,
}) => {
  await page.goto(`${portals.tenant.url}/search`);
  await photograph(page, "search-empty");
  await page
    .getByRole("link", { name: "Search", exact: true })
    .and(page.locator("[aria-current=page]"))
    .waitFor();
  await ask(page, "visitor parking");
  await page.getByText(/passages? in the documents of Cooper's Quay/).waitFor();
  expect((await titles(page))[0]).toContain("Visitors");
  const marks = await page.locator("mark").allTextContents();
  expect(marks.length).toBeGreaterThan(0);
  expect(marks.every((mark) => /visit|park/i.test(mark))).toBe(true);
  await photograph(page, "search-results");
  await page.getByLabel("Search the documents").focus(); // lost where the search was sent before the page's scripts had come
  await page.keyboard.press("Tab"); // to the button
  await page.keyboard.press("Tab"); // to the first result
  await photograph(page, "search-keyboard");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Parking at Cooper's Quay" }).waitFor();
});

test("a search result opens its document at the passage, marked and in sight, with scripts and without", async ({
  newPage,
  portals,
  samir: page,
}) => {
  const storageState = await page.context().storageState();
  const unscripted = await newPage({ javaScriptEnabled: false, storageState });
  for (const reader of [page, unscripted]) {
    await reader.setViewportSize(PHONE);
    await reader.goto(`${portals.tenant.url}/search?q=satellite+dish`);
    await reader.locator("main ol a").first().click();
    const found = reader.getByRole("region", { name: "What was found" });
    await found.getByText("A shared aerial and dish").waitFor();
    await expect
      .poll(() => found.evaluate((element) => element.getBoundingClientRect().top))
      .toBeLessThan(PHONE.height - 100);
    expect((await found.boundingBox())?.y).toBeGreaterThan(0);
  }
  await photograph(page, "document-at-passage-phone");
});

test("a misspelt word that is searched for is understood, and said so", async ({ portals, samir: page }) => {
  await page.goto(`${portals.tenant.url}/search`);
  await ask(page, "raditor presure");
  await page.getByText(/Showing results for/).waitFor();
  expect(await page.getByRole("strong").first().textContent()).toMatch(/^radiators? pressure$/);
  expect(await page.locator("mark").count()).toBeGreaterThan(0);
  await photograph(page, "search-corrected");
});

test("search results come in pages that can be turned, back too", async ({ portals, samir: page }) => {
  await page.goto(`${portals.tenant.url}/search`);
  await ask(page, "home");
  await page.getByText(/^Page 1 of /).waitFor();
  const firstPage = await titles(page);
  await photograph(page, "search-pages");
  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText(/^Page 2 of /).waitFor();
  const secondPage = await titles(page);
  expect(secondPage).not.toEqual(firstPage);
  await page.getByRole("link", { name: "Previous" }).click();
  await page.getByText(/^Page 1 of /).waitFor();
  expect(await titles(page)).toEqual(firstPage);
  await page.goto(`${page.url()}&page=99`);
  await page.getByText("There is no such page").waitFor();
});

test("a search that finds nothing, or asks too much, is explained", async ({ portals, samir: page }) => {
  await page.goto(`${portals.tenant.url}/search`);
  await ask(page, "xylophone");
  await page.getByText("Nothing found for “xylophone”").waitFor();
  await photograph(page, "search-nothing");
  await page.goto(`${portals.tenant.url}/search?q=${"long ".repeat(60)}`);
  await page.getByText("Please use 200 characters at most.").waitFor();
  await photograph(page, "search-too-long");
});

test("the search works on a phone, and without scripts", async ({ newPage, portals, samir: page }) => {
  await page.setViewportSize(PHONE);
  await page.goto(`${portals.tenant.url}/search`);
  await photograph(page, "search-empty-phone");
  await ask(page, "visitor parkng");
  await page.getByText("Showing results for").waitFor();
  await photograph(page, "search-results-phone");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE.width);
  await ask(page, "home");
  await page.getByText(/^Page 1 of /).waitFor();
  await photograph(page, "search-pages-phone");

  const storageState = await page.context().storageState();
  const unscripted = await newPage({ javaScriptEnabled: false, storageState, viewport: PHONE });
  await unscripted.goto(`${portals.tenant.url}/search`);
  await unscripted.getByLabel("Search the documents").fill("radiators");
  await unscripted.getByRole("button", { name: "Search" }).click();
  await unscripted.locator("mark").first().waitFor();
});

test("other developments' documents are never found, nor are other companies'", async ({ portals }) => {
  const { url: serverUrl } = portals.postgres;
  const [samir, ...others] = await Promise.all([
    asHomeowner(serverUrl, SAMIR),
    asHomeowner(serverUrl, "grace.adeyemi@example.com"), // of Orchard Rise
    asHomeowner(serverUrl, "beth.carrick@example.com"), // of The Foundry, another company's
  ]);
  const found = async (who: Homeowner, query: string) => {
    const response = await fetch(`${portals.tenant.url}/api/rag?q=${encodeURIComponent(query)}`, {
      headers: { cookie: who.cookie },
    });
    expect(response.status).toBe(200);
    const { results }: { results: { documentId: string; excerpt: string }[] } = await response.json();
    return results.map(({ documentId }) => documentId);
  };
  const sets = await Promise.all([samir, ...others].map(async (who) => new Set(await found(who, "heating"))));
  const all = sets.flatMap((set) => [...set]);
  expect(sets.every((set) => set.size > 0)).toBe(true);
  expect(new Set(all).size).toBe(all.length);
  // The crane stands at Cooper's Quay alone.
  expect(await found(samir, "crane")).not.toEqual([]);
  for (const other of others) expect(await found(other, "crane")).toEqual([]);
});

test("the search route says what is wrong with a request", async ({ portals }) => {
  const samir = await asHomeowner(portals.postgres.url, SAMIR);
  const { url } = portals.tenant;
  const get = async (query: string, cookie = samir.cookie) => {
    const response = await fetch(`${url}/api/rag${query}`, { headers: { cookie } });
    return { status: response.status, body: await response.json() };
  };
  expect(await get("?q=heat", "")).toEqual({ status: 401, body: { error: "sign_in_required" } });
  expect(await get("")).toEqual({ status: 400, body: { error: "query_empty" } });
  expect(await get(`?q=${"a".repeat(201)}`)).toEqual({ status: 400, body: { error: "query_too_long" } });
  expect(await get("?q=heat&page=0")).toEqual({ status: 400, body: { error: "page_invalid" } });
  expect(await get("?q=%00")).toEqual({ status: 400, body: { error: "query_empty" } });
  const { status, body } = await get("?q=raditor&page=1");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    query: "raditor",
    page: 1,
    pageSize: 10,
    correctedQuery: expect.stringMatching(/^radiators?$/),
  });
  const [{ excerpt, highlights }] = body.results;
  expect(excerpt.slice(...highlights[0])).toMatch(/radiator/i);
});
