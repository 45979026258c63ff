import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { DESKTOP, PHONE, photograph } from "../support/browser.ts";
import { companies, signIn, staffOf } from "../support/people.ts";

test("staff see their own company's developments, and no other's by any address", async ({
  newPage,
  page,
  portals,
}) => {
  const [first, second] = companies(portals);
  const pathsOf = async (page: Page, tenantName: string) => {
    await signIn(page, portals, tenantName);
    const links = page.locator('main a[href^="/developments/"]:not([href$="/new"])');
    const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    return [...new Set(hrefs)];
  };
  const [ours, theirs] = [await pathsOf(page, first), await pathsOf(await newPage(), second)];
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.filter((path) => theirs.includes(path))).toEqual([]);
  for (const path of theirs) {
    await page.goto(`${portals.developer.url}${path}`);
    expect(await page.locator("main").textContent()).toContain("There is nothing here");
  }
});

test("a wrong password is told, keeps the e-mail, and lets nobody in", async ({ portals, page }) => {
  const { email } = staffOf(portals, companies(portals)[0], "viewer");
  await page.goto(portals.developer.url);
  expect(page.url()).toContain("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(/do not match|not right|wrong/i).waitFor();
  expect(await page.getByLabel("Email").inputValue()).toBe(email);
  await photograph(page, "sign-in-refused");
  await page.goto(portals.developer.url);
  expect(page.url()).toContain("/sign-in");
});

test("signing in works with the keyboard alone", async ({ portals, page }) => {
  const { email, password } = staffOf(portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/sign-in`);
  await page.getByLabel("Email").focus();
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Developments" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
});

test("signing out ends the session, also for whoever kept the cookie", async ({ portals, page }) => {
  await signIn(page, portals, companies(portals)[0]);
  const kept = await page.context().cookies();
  expect(kept.every(({ httpOnly, sameSite }) => httpOnly && sameSite === "Lax")).toBe(true);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await page.context().addCookies(kept);
  await page.goto(portals.developer.url);
  expect(page.url()).toContain("/sign-in");
});

test.for([
  ["desktop", DESKTOP],
  ["phone", PHONE],
] as const)("every page of the developer portal fits a %s", async ([name, viewport], { portals, page }) => {
  await page.setViewportSize(viewport);
  const look = async (what: string) => {
    await photograph(page, `${what}-${name}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect({ what, overflow: Math.max(0, overflow) }).toEqual({ what, overflow: 0 });
  };
  await page.goto(`${portals.developer.url}/sign-in`);
  await look("sign-in");
  await signIn(page, portals, companies(portals)[0]);
  await look("developments");
  await page.locator('main a[href^="/developments/"]:not([href$="/new"])').first().click();
  await page.getByRole("heading", { name: "Units" }).waitFor();
  await look("development");
  await page.goto(`${portals.developer.url}/documents`);
  await look("documents");
  await page.goto(`${portals.developer.url}/nowhere`);
  await look("not-found");
});
