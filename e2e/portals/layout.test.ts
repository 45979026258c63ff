import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { ask, untilAnswered } from "../support/chat-page.ts";
import { companies, signIn } from "../support/people.ts";

/** Cumulative layout shift that nobody sees; what is called good ends at 0.1. */
const MOST_SHIFT = 0.02;
/** In the chat's code, and in none that other pages need. */
const OF_THE_CHAT = "/api/chat";

/** Opens a page and tells how much of it has moved by the time that it rests, of what nobody's press has moved. */
async function shiftOf(page: Page, url: string): Promise<number> {
  await page.goto(url, { waitUntil: "networkidle" });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            if ("value" in entry && typeof entry.value === "number") shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
        // What is buffered is handed on before the frame after the next.
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(shift))));
      }),
  );
}

test("no page moves under its reader while it loads, on a desk, a tablet and a phone", async ({
  hannah,
  page: staff,
  portals,
}) => {
  const { url } = portals.tenant;
  await hannah.goto(`${url}/chat`);
  await ask(hannah, "When are the bins collected?");
  await untilAnswered(hannah);
  const conversation = hannah.url();
  await hannah.goto(url);
  const manual = await hannah.locator('main a[href^="/documents/"]').first().getAttribute("href");
  await signIn(staff, portals, companies(portals)[0]);
  const development = await staff.locator('main a[href^="/developments/"]').first().getAttribute("href");
  const pages: [Page, string][] = [
    [hannah, url],
    [hannah, conversation],
    [hannah, `${url}${manual}`],
    [staff, `${portals.developer.url}/documents`],
    [staff, `${portals.developer.url}${development}`],
  ];
  const moved: Record<string, number> = {};
  for (const width of [1440, 768, 375]) {
    for (const [reader, address] of pages) {
      await reader.setViewportSize({ width, height: 900 });
      const shift = await shiftOf(reader, address);
      if (shift >= MOST_SHIFT) moved[`${width} ${new URL(address).pathname}`] = shift;
      const wide = await reader.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${address} at ${width}`).toBeLessThanOrEqual(width);
    }
  }
  expect(moved).toEqual({});
});

test("pages without a chat load none of its code", async ({ hannah: page, portals }) => {
  const { url } = portals.tenant;
  const scripts = async (path: string) => {
    await page.goto(`${url}${path}`, { waitUntil: "networkidle" });
    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .filter((name) => name.endsWith(".js")),
    );
    const texts = await Promise.all(loaded.map(async (name) => (await fetch(name)).text()));
    return { bytes: texts.join("").length, holds: texts.some((text) => text.includes(OF_THE_CHAT)) };
  };
  const chat = await scripts("/chat");
  expect(chat.holds).toBe(true);
  await page.goto(url);
  const manual = await page.locator('main a[href^="/documents/"]').first().getAttribute("href");
  for (const each of ["/", "/search?q=parking", "/devices", manual ?? ""]) {
    const { bytes, holds } = await scripts(each);
    expect({ each, holds }).toEqual({ each, holds: false });
    expect(bytes).toBeLessThan(chat.bytes);
  }
});

test("the header of an operator, who may go everywhere, is one line on a desk", async ({ page, portals }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Database" }).waitFor();
  const middles = await page.locator("header > div > *").evaluateAll((parts) =>
    parts.map((part) => {
      const { top, height } = part.getBoundingClientRect();
      return top + height / 2;
    }),
  );
  expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(2);
});
