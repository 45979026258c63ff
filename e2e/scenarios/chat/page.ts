import { waitFor } from "@openhouse/pool/testing";
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

/** Types a question and sends it with Enter. */
export async function ask(page: Page, question: string): Promise<void> {
  await composer(page).fill(question);
  await composer(page).press("Enter");
  await questions(page).filter({ hasText: question }).first().waitFor();
}

/** Waits until the answer under way is over. */
export async function untilAnswered(page: Page): Promise<void> {
  await sendButton(page).waitFor();
  await waitFor(async () => (await stopButton(page).count()) === 0, { what: "the answer to end" });
}

/** By how many pixels the page is wider than the screen. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}
