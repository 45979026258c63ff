import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { ask, composer, untilAnswered } from "../support/chat-page.ts";

const QUESTIONS = [
  "What does my warranty cover?",
  "Where may my visitors park?",
  "How do I report a defect?",
  "What happens at the handover?",
];
const SCREENS = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 375, height: 812 },
];

test("a long conversation scrolls in its place: header and question field stay, however wide the screen", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  for (const question of QUESTIONS) {
    await ask(page, question);
    await untilAnswered(page);
  }
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    await page.reload();
    await composer(page).waitFor();
    const messages = page.getByRole("region", { name: "Messages" });
    expect(await messages.evaluate((view) => view.scrollHeight > view.clientHeight)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(
      screen.height,
    );
    await page.mouse.move(screen.width - 5, screen.height / 2);
    await page.mouse.wheel(0, 5_000);
    expect((await page.getByRole("banner").boundingBox())?.y).toBe(0);
    const field = await composer(page).boundingBox();
    expect((field?.y ?? 0) + (field?.height ?? 0)).toBeLessThanOrEqual(screen.height);
    await photograph(page, `chat-long-${screen.width}`);
  }
});
