import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const SCREENSHOTS = fileURLToPath(new URL("../screenshots/", import.meta.url));

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 375, height: 812 };

/** @throws {Error} there is no browser, with what to install. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("no Chromium found: install Debian's package `chromium`, or set CHROMIUM_PATH");
  }
  mkdirSync(SCREENSHOTS, { recursive: true });
  const args = [
    // Chromium's sandbox does not run as root, as tests in a container do.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
  return chromium.launch({ executablePath, args });
}

/** A browser profile of its own. Its owner closes it. */
export async function newVisitor(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: DESKTOP,
    locale: "en-GB",
    timezoneId: "Europe/Dublin",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  return context;
}

/** Collects what the browser says that the content security policy of a page has stopped. */
export function policyViolations(visitor: BrowserContext, into: string[]): void {
  visitor.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) into.push(message.text());
  });
}

/** Keeps a picture of the whole page for people to look at, under e2e/screenshots/. */
export async function photograph(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
}
