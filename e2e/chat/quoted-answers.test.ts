import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import {
  announced,
  answers,
  ask,
  composer,
  questions,
  sendButton,
  untilAnswered,
  untilSendable,
} from "../support/chat-page.ts";

test("a suggested question is answered from the documents, in pieces, and its source opens", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(portals.tenant.url);
  await page.getByRole("link", { name: "Chat" }).click();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  await page.getByText("Local extractive assistant").waitFor();
  await photograph(page, "chat-new-desktop");
  const stream = page.waitForResponse(/\/api\/chat$/);
  await page.getByRole("button", { name: "When are the bins collected?" }).click();
  await untilAnswered(page);
  // How many of them are painted is the browser's, which may be busy.
  expect((await (await stream).text()).match(/"type":"text-delta"/g)?.length).toBeGreaterThan(4);
  expect(await answers(page).first().textContent()).toContain("Wednesday");
  await announced(page)
    .filter({ hasText: /^The assistant answered: .*Wednesday/s })
    .waitFor({ state: "attached" });
  await photograph(page, "chat-answered-desktop");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await photograph(page, "chat-answered-desktop-dark");

  await page.getByText(/^Searched the documents/).click();
  await page.locator("main details[open] li").first().waitFor();
  const source = answers(page)
    .getByRole("link", { name: /recycling/i })
    .last();
  const title = (await source.textContent()) ?? "";
  await source.click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  expect(page.url()).toMatch(/\/documents\/[0-9a-f-]{36}\?passage=\d+#passage-\d+$/);
  const quoted = page.getByRole("region", { name: "What was found" });
  expect(await quoted.textContent()).toContain("Wednesday");
  await page.goBack();
  await answers(page).first().waitFor();
  expect(await questions(page).count()).toBe(1);
});

test("a reload shows the conversation as it was, and it goes on", async ({ hannah: page, portals }) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "How do I report a defect?");
  await untilAnswered(page);
  const said = await answers(page).first().textContent();
  await page.reload();
  await answers(page).first().waitFor();
  expect(await answers(page).first().textContent()).toBe(said);
  await ask(page, "Where may my visitors park?");
  await untilAnswered(page);
  await page.reload();
  expect(await questions(page).allTextContents()).toEqual([
    expect.stringContaining("How do I report a defect?"),
    expect.stringContaining("Where may my visitors park?"),
  ]);
  expect(await answers(page).count()).toBe(2);
});

test("a question that is too long is told before it is sent", async ({ hannah: page, portals }) => {
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/chat")) sent.push(request.method());
  });
  await page.goto(`${portals.tenant.url}/chat`);
  await composer(page).fill("a".repeat(4_001));
  await page.getByText("This is 1 character too long.").waitFor();
  expect(await composer(page).getAttribute("aria-invalid")).toBe("true");
  await composer(page).press("Enter");
  await sendButton(page).click({ force: true }); // told to be disabled, and yet it can be pressed
  expect(await composer(page).inputValue()).toHaveLength(4_001);
  expect(sent).toEqual([]);
  await composer(page).fill("bins ".repeat(790));
  await page.getByText("3,949 of 4,000 characters").waitFor();
  await untilSendable(page);
  await composer(page).press("Enter");
  await untilAnswered(page);
  expect(sent).toEqual(["POST"]);
});
