import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { answers, ask, composer, overflow, untilAnswered } from "../support/chat-page.ts";

/** What is left of a phone's screen while its keyboard is open. */
const WITH_KEYBOARD = { width: PHONE.width, height: 470 };

test("on a phone nothing of a chat is wider than the screen, the question stays in sight, the list is a drawer", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.setViewportSize(PHONE);
  const fits = async (what: string) =>
    expect({ what, overflow: await overflow(page) }).toEqual({ what, overflow: 0 });
  const inSight = async (what: string) => {
    const field = await composer(page).boundingBox();
    const height = page.viewportSize()?.height ?? 0;
    expect({ what, seen: field !== null && field.y >= 0 && field.y + field.height <= height }).toEqual({
      what,
      seen: true,
    });
  };
  await page.goto(`${modelUrl}/chat`);
  await page.getByRole("heading", { name: "Ask about your home" }).waitFor();
  await fits("a new conversation");
  await inSight("a new conversation");
  await photograph(page, "chat-new-phone");

  await ask(page, `What would be the ${"averylongword".repeat(12)}?`);
  const asked = await model.next();
  asked.say(
    `It is ${"evenlonger".repeat(30)}.\n\n\`\`\`\n${"code ".repeat(60)}\n\`\`\`\n\n## A heading\n\n1. one\n2. two\n\n`,
  );
  await answers(page).filter({ hasText: "A heading" }).waitFor();
  await fits("an answer under way");
  await inSight("an answer under way");
  await photograph(page, "chat-streaming-phone");
  asked.say("The end.");
  asked.end();
  await untilAnswered(page);
  await fits("an answer");
  await photograph(page, "chat-answered-phone");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await photograph(page, "chat-answered-phone-dark");
  await page.emulateMedia({ colorScheme: "light" });

  await page.setViewportSize(WITH_KEYBOARD);
  await composer(page).fill("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine");
  await inSight("the keyboard is open");
  await fits("the keyboard is open");
  await photograph(page, "chat-keyboard-phone");
  await composer(page).fill("");
  await page.setViewportSize(PHONE);

  await page.getByRole("button", { name: "Conversations" }).click();
  const drawer = page.getByRole("dialog", { name: "Conversations" });
  await drawer.getByRole("link", { name: /^What would be/ }).waitFor();
  await fits("the drawer");
  await photograph(page, "chat-drawer-phone");
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Conversations" }).click();
  await drawer.getByRole("link", { name: "New conversation" }).click();
  await page.getByRole("heading", { name: "Ask about your home" }).waitFor();
  await drawer.waitFor({ state: "hidden" });
});
