import { waitFor } from "@openhouse/pool-testing";
import type { Locator, Page, Route } from "playwright-core";

/** Requests that are held up, as by a slow line. */
export interface HeldRequests {
  /** Settles with the first of them. */
  readonly asked: Promise<void>;
  /** Lets them go, and those that come later. */
  release(): void;
}

/** Holds up the requests of a page from now on. */
export function holdRequests(page: Page, match: Match): Promise<HeldRequests> {
  return holdRoute(page, match, async (route, { ask, free }) => {
    ask();
    await free;
    await route.continue();
  });
}

/** As `holdRequests`, but on the way back: the server has answered what `asked` tells of. */
export function holdResponses(page: Page, match: Match): Promise<HeldRequests> {
  return holdRoute(page, match, async (route, { ask, free }) => {
    const response = await route.fetch();
    ask();
    await free;
    await route.fulfill({ response });
  });
}

type Match = string | ((url: URL) => boolean);

async function holdRoute(
  page: Page,
  match: Match,
  handle: (route: Route, hold: { ask: () => void; free: Promise<void> }) => Promise<void>,
): Promise<HeldRequests> {
  let ask = () => {};
  let release = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const free = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(match, (route) => handle(route, { ask, free }));
  return { asked, release };
}

/** Opens a page up to what is seen of it while its scripts are on their way. @returns what holds them up. */
export async function openUnscripted(page: Page, url: string): Promise<HeldRequests> {
  const scripts = await holdRequests(page, "**/_next/static/**/*.js");
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
