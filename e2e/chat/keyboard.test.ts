import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { answers, questions, said, stopButton, untilAnswered, untilSendable } from "../support/chat-page.ts";

/** The name of what has the focus, as it is read out. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return (
      element?.getAttribute("aria-label") ??
      (element instanceof HTMLTextAreaElement ? element.labels[0]?.textContent : element?.textContent) ??
      ""
    ).trim();
  });

/** Presses Tab until the focus is on something of that name. */
async function tabTo(page: Page, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press(key);
    const here = await focused(page);
    if (here === name) return;
    passed.push(here);
  }
  throw new Error(`${key} does not lead to ${name}: ${passed.join(" > ")}`);
}

test("with the keyboard alone a question is asked, stopped, asked again, and its conversation renamed and deleted", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await tabTo(page, "Skip to content");
  await page.keyboard.press("Enter");
  await tabTo(page, "Your question");
  await page.keyboard.type("First line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  expect(await questions(page).count()).toBe(0);
  await untilSendable(page);
  await page.keyboard.press("Enter");
  await questions(page).first().waitFor();
  expect(await questions(page).locator("p").first().textContent()).toBe("First line\nsecond line");
  expect(await focused(page)).toBe("Your question");
  const asked = await model.next();
  asked.say("Said so far");
  await said(page).getByText("Said so far").waitFor();

  await page.keyboard.type("And the next");
  await page.keyboard.press("Enter"); // not yet: an answer is under way
  expect(await questions(page).count()).toBe(1);
  await tabTo(page, "Stop");
  await page.keyboard.press("Enter");
  await page.getByText("This answer was not finished.").waitFor();
  expect(await stopButton(page).count()).toBe(0);
  expect(await focused(page)).toBe("Your question");
  await asked.closed;
  await page.keyboard.press("Enter"); // what was typed meanwhile
  const next = await model.next();
  next.say("The next answer.");
  next.end();
  await untilAnswered(page);
  expect(await answers(page).count()).toBe(2);

  await tabTo(page, "Rename conversation", "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "By keyboard" }).waitFor();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await focused(page)).toBe("Rename conversation");

  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Delete conversation");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Delete this conversation?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await focused(page)).toBe("Delete conversation");
  await page.keyboard.press("Enter");
  await tabTo(page, "Delete");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  await page.getByRole("link", { name: "By keyboard" }).waitFor({ state: "detached" });
});
