import type { Locator, Page } from "playwright-core";

/** What a homeowner sees of a chat page and does on it. */
export const composer = (page: Page): Locator => page.getByLabel("Your question");
export const answers = (page: Page): Locator => page.locator("main article");
/** What answers say, without what was found for them. */
export const said = (page: Page): Locator => page.getByTestId("answer-text");
export const questions = (page: Page): Locator => page.locator("main [data-question]");
export const sendButton = (page: Page): Locator => page.getByRole("button", { name: "Send" });
export const stopButton = (page: Page): Locator => page.getByRole("button", { name: "Stop" });
/** What a screen reader is told, besides what it reads by itself. */
export const announced = (page: Page): Locator => page.locator('main p[role="status"]');

/** The address of a conversation that the server keeps. */
export const ADDRESS = /\/chat\/[0-9a-f-]{36}$/;

/** Types a question and sends it with Enter, as soon as the page can send it. */
export async function ask(page: Page, question: string): Promise<void> {
  await composer(page).fill(question);
  await untilSendable(page);
  await composer(page).press("Enter");
  await questions(page).filter({ hasText: question }).first().waitFor();
}

/** Waits until the page has taken over what was typed, perhaps before its scripts ran. */
export function untilSendable(page: Page): Promise<void> {
  return page.getByRole("button", { name: "Send", disabled: false }).waitFor();
}

/** Waits until the last question has its answer, that is over, and the conversation has its address, which may come a moment later. */
export async function untilAnswered(page: Page): Promise<void> {
  const turns = page.getByRole("region", { name: "Messages" }).locator("> div > ol > li");
  await turns.last().locator('article[aria-busy="false"]').waitFor();
  await sendButton(page).waitFor();
  await page.waitForURL(ADDRESS);
}

/** By how many pixels the page is wider than the screen. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}
