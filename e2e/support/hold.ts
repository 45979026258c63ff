import { waitFor } from "@openhouse/pool-testing";
import type { Locator, Page, Route } from "playwright-core";

/** Requests that are held up, as by a slow line. */
export interface Held {
  /** Settles with the first of them. */
  readonly asked: Promise<void>;
  /** Lets them go, and those that come later. */
  letGo(): void;
}

/** Holds up the requests of a page from now on. */
export function hold(page: Page, match: Match): Promise<Held> {
  return holding(page, match, async (route, { ask, free }) => {
    ask();
    await free;
    await route.continue();
  });
}

/** As `hold`, but on the way back: the server has answered what `asked` tells of. */
export function holdAnswers(page: Page, match: Match): Promise<Held> {
  return holding(page, match, async (route, { ask, free }) => {
    const response = await route.fetch();
    ask();
    await free;
    await route.fulfill({ response });
  });
}

type Match = string | ((url: URL) => boolean);

async function holding(
  page: Page,
  match: Match,
  handle: (route: Route, gate: { ask: () => void; free: Promise<void> }) => Promise<void>,
): Promise<Held> {
  let ask = () => {};
  let letGo = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(match, (route) => handle(route, { ask: () => ask(), free }));
  return { asked, letGo: () => letGo() };
}

/** Opens a page up to what is seen of it while its scripts are on their way. @returns what holds them up. */
export async function openUnscripted(page: Page, url: string): Promise<Held> {
  const scripts = await hold(page, "**/_next/static/**/*.js");
  await page.goto(url, { waitUntil: "domcontentloaded" });
  return scripts;
}

/** Waits until React knows of an element, and of what was to be done at once then. */
export function untilTakenOver(element: Locator): Promise<void> {
  return waitFor(
    () =>
      element.evaluate(
        (node) =>
          Object.keys(node).some((key) => key.startsWith("__reactProps$")) &&
          new Promise((settled) => requestAnimationFrame(() => setTimeout(() => settled(true)))),
      ),
    { timeoutMs: 15_000, what: "React to take the page over" },
  ).then(() => {});
}
