import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, launchBrowser, newVisitor, PHONE, photograph } from "../../e2e/support/browser.ts";

let url: string;
let browser: Browser;
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const args = ["--import", "tsx", "scripts/site.ts", "--serve", "--no-build", "--port", "0"];
  const server = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  undo.push(async () => {
    server.kill("SIGTERM");
    await ended;
  });
  url = await new Promise<string>((resolve) => {
    let printed = "";
    // Read to its end: a server whose reader is gone would fail at the line that it writes when it is stopped.
    server.stdout.on("data", (chunk) => {
      printed += String(chunk);
      const found = /http:\S+/.exec(printed)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  browser = await launchBrowser();
  undo.push(() => browser.close());
});
afterAll(async () => {
  for (const work of undo.reverse()) await work();
});

/** A page, and every address outside of the site that it has asked for. */
async function open(path: string, options: Parameters<typeof newVisitor>[1] = {}) {
  const visitor = await newVisitor(browser, options);
  const page = await visitor.newPage();
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) elsewhere.push(request.url());
  });
  await page.goto(new URL(path, url).href, { waitUntil: "networkidle" });
  return { page, elsewhere, close: () => visitor.close() };
}

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

test("the search finds an error by its name, and leads to a page that tells of it", async () => {
  const { page, elsewhere, close } = await open("/");
  await page.keyboard.press("/");
  await page.getByRole("searchbox").fill("CommitUnknownError");
  const first = page.locator("#localsearch-list a").first();
  await first.waitFor();
  await first.click();
  await page.waitForURL(/\.html/);
  expect(await page.locator("main").innerText()).toContain("CommitUnknownError");
  expect(elsewhere).toEqual([]);
  await close();
});

for (const [name, path] of [
  ["start", "/"],
  ["concept", "/concepts/outcomes.html"],
  ["reference", "/reference/index/classes/Pool.html"],
] as const) {
  test(`the page ${name} fits a desktop and a phone, light and dark, and fetches nothing from elsewhere`, async () => {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, elsewhere, close } = await open(path, { viewport, colorScheme });
        expect(await widthOf(page)).toBeLessThanOrEqual(viewport.width);
        const isDark = await page.evaluate(() => document.documentElement.classList.contains("dark"));
        expect(isDark).toBe(colorScheme === "dark");
        expect(elsewhere).toEqual([]);
        await photograph(page, `site-${name}-${size}-${colorScheme}`);
        await close();
      }
    }
  });
}
