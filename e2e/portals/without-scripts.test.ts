import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";

const NOWHERE = "00000000-0000-4000-8000-000000000001";

/** Opens a page and tells its first heading, which has to be in sight. */
async function read(page: Page, url: string): Promise<{ status: number; heading: string | null }> {
  const answer = await page.goto(url);
  const heading = page.locator("main h1").filter({ visible: true }).first();
  await heading.waitFor();
  expect(await page.locator("main").textContent()).not.toMatch(/^\s*Loading/);
  return { status: answer?.status() ?? 0, heading: await heading.textContent() };
}

test("without scripts every page of the developer portal has its content, and what is missing is told", async ({
  newPage,
  page: signedIn,
  portals,
}) => {
  await signIn(signedIn, portals, companies(portals)[0]);
  const page = await newPage({
    javaScriptEnabled: false,
    storageState: await signedIn.context().storageState(),
  });
  const { url } = portals.developer;
  for (const [path, heading] of [
    ["/", "Developments"],
    ["/documents", "Documents"],
    ["/database", "Database"],
    ["/devices", "Your devices"],
    ["/two-step", "Two-step sign-in"],
  ]) {
    expect(await read(page, `${url}${path}`)).toEqual({ status: 200, heading });
  }
  for (const path of [`/developments/${NOWHERE}`, `/documents/${NOWHERE}`, "/developments/no-id"]) {
    expect(await read(page, `${url}${path}`)).toEqual({ status: 404, heading: "There is nothing here" });
    expect(await page.getByRole("link", { name: "Documents", exact: true }).count()).toBe(1);
  }
  expect(await read(page, `${url}/nowhere`)).toEqual({ status: 404, heading: "There is no page here" });
  await page.goto(url);
  for (const name of ["Cooper's Quay", "Documents"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }
  await page.locator('main a[href^="/documents/"]').first().click();
  await page.locator("article").waitFor();
});

test("without scripts every page of the tenant portal has its content, and the chat says that asking takes them", async ({
  newPage,
  portals,
  samir,
}) => {
  const page = await newPage({
    javaScriptEnabled: false,
    storageState: await samir.context().storageState(),
  });
  const { url } = portals.tenant;
  expect(await read(page, url)).toMatchObject({
    status: 200,
    heading: expect.stringMatching(/^Welcome home/),
  });
  await page.locator('main a[href^="/documents/"]').first().waitFor();
  await page.getByLabel("What would you like to know?").fill("parking");
  await page.getByRole("button", { name: "Ask" }).click();
  expect(await page.getByLabel("Your question").inputValue()).toBe("parking");
  await page.goBack();
  const manual = page.locator('main a[href^="/documents/"]').first();
  await read(page, `${url}${await manual.getAttribute("href")}`);
  await page.locator("article p").first().waitFor();
  expect(await read(page, `${url}/search`)).toEqual({ status: 200, heading: "Search" });
  expect(await read(page, `${url}/devices`)).toEqual({ status: 200, heading: "Your devices" });
  expect(await read(page, `${url}/chat`)).toEqual({ status: 200, heading: "Ask about your home" });
  // By its element: a search for text passes over what is in it.
  const told = page.locator("noscript p").filter({ visible: true });
  expect(await told.textContent()).toMatch(/^Asking needs JavaScript/);
  await photograph(page, "chat-without-scripts");
  await told.getByRole("link", { name: "Search your documents" }).click();
  await page.getByRole("heading", { level: 1, name: "Search" }).waitFor();
  for (const path of [`/documents/${NOWHERE}`, `/chat/${NOWHERE}`, "/documents/no-id"])
    expect(await read(page, `${url}${path}`)).toEqual({ status: 404, heading: "There is nothing here" });
  expect(await read(page, `${url}/nowhere`)).toEqual({ status: 404, heading: "There is no page here" });
});
