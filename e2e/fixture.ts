import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { test as base, expect } from "vitest";
import { launchBrowser, newVisitor, policyViolations } from "./support/browser.ts";
import { answerWell, startChatApi } from "./support/chat-api.ts";
import { asHomeowner, HANNAH, OWEN, SAMIR } from "./support/homeowners.ts";
import { end, type Portals, startPortal, startPortals } from "./support/portals.ts";
import { startSpeakingModel } from "./support/speaking-model.ts";

/** Portals take seconds to start: what a test first asks for is started then, and once for all files. */
const ONCE = { scope: "worker" } as const;

/** What end-to-end tests work on. Vitest ends it: what is there once after the last file, a page with its test. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads off the pattern what a fixture needs
  .extend("browser", ONCE, async ({}, { onCleanup }) => {
    const browser = await launchBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  // biome-ignore lint/correctness/noEmptyPattern: as above
  .extend("portals", ONCE, async ({}, { onCleanup }) => {
    const portals = await startPortals();
    onCleanup(portals.stop);
    return portals;
  })
  /**
   * Opens a page of one more visitor, with a browser profile of their own, until the end of the test. Then nothing may have been
   * stopped by the content security policy: what it stops is a part of a page that does not work.
   */
  .extend("newPage", ({ browser }, { onCleanup }) => {
    const visitors: BrowserContext[] = [];
    const violations: string[] = [];
    onCleanup(async () => {
      for (const visitor of visitors) await visitor.close();
      expect(violations).toEqual([]);
    });
    return async (options?: BrowserContextOptions): Promise<Page> => {
      const visitor = await newVisitor(browser, options);
      visitors.push(visitor);
      policyViolations(visitor, violations);
      return visitor.newPage();
    };
  })
  /** A page of somebody who is not signed in. */
  .extend("page", ({ newPage }) => newPage())
  // Pages of homeowners: two of one home, and their neighbour.
  .extend("hannah", async ({ newPage, portals }) => signIn(await newPage(), portals, HANNAH))
  .extend("owen", async ({ newPage, portals }) => signIn(await newPage(), portals, OWEN))
  .extend("samir", async ({ newPage, portals }) => signIn(await newPage(), portals, SAMIR))
  // biome-ignore lint/correctness/noEmptyPattern: as above
  .extend("model", ONCE, async ({}, { onCleanup }) => {
    const model = await startSpeakingModel();
    onCleanup(model.stop);
    return model;
  })
  /** Of a portal that asks `model`; `portals.tenant` has none. */
  .extend("modelUrl", ONCE, async ({ portals, model }, { onCleanup }) => {
    const settings = { DATABASE_URL: portals.appUrl, CHAT_BASE_URL: model.baseUrl, CHAT_MODEL: "speaking" };
    const portal = await startPortal("tenant-portal", settings);
    onCleanup(() => end(portal));
    return portal.url;
  })
  .extend("chatApi", ONCE, async ({ portals }, { onCleanup }) => {
    const chatApi = await startChatApi(portals);
    onCleanup(chatApi.stop);
    return chatApi;
  })
  /** `chatApi` with a model that answers until the test says otherwise. */
  .extend("api", ({ chatApi }) => {
    chatApi.model.behave(answerWell);
    return chatApi;
  });

async function signIn(page: Page, { postgres }: Portals, email: string): Promise<Page> {
  const { cookie } = await asHomeowner(postgres.url, email);
  const [name = "", value = ""] = cookie.split("=");
  // Cookies know no ports: this one is good at every portal here.
  await page.context().addCookies([{ name, value, url: "http://localhost" }]);
  return page;
}
