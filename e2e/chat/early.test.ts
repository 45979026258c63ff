import { expect } from "vitest";
import { test } from "../fixture.ts";
import {
  ADDRESS,
  answers,
  ask,
  composer,
  questions,
  said,
  sendButton,
  stopButton,
  untilAnswered,
  untilSendable,
} from "../support/chat-page.ts";
import { openUnscripted } from "../support/held-requests.ts";

test("what is typed before the chat's scripts have come stays, and is sent like anything else", async ({
  hannah: page,
  portals,
}) => {
  const scripts = await openUnscripted(page, `${portals.tenant.url}/chat`);
  await composer(page).fill("Is there a bicycle store?");
  scripts.release();
  await untilSendable(page);
  expect(await composer(page).inputValue()).toBe("Is there a bicycle store?");
  await composer(page).press("Enter");
  await untilAnswered(page);
  expect(await questions(page).allTextContents()).toEqual([expect.stringContaining("bicycle store")]);
});

test.for([
  ["a question that is sent", "Where may my visitors park?"],
  ["a question that is suggested", null],
] as const)(
  "%s waits for the chat's scripts, and is asked once, however often it is pressed",
  async ([_what, typed], { hannah: page, portals }) => {
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/api/chat")) sent.push(request.method());
    });
    const scripts = await openUnscripted(page, `${portals.tenant.url}/chat`);
    if (typed !== null) await composer(page).fill(typed);
    const suggested = page.getByRole("button", { name: "Where may my visitors park?" });
    // Send is told to be disabled before the page knows of the question, and yet it can be pressed.
    await (typed === null ? suggested : sendButton(page)).dblclick({ force: true });
    scripts.release();
    await untilAnswered(page);
    expect(await questions(page).allTextContents()).toEqual([expect.stringContaining("visitors park")]);
    expect(await composer(page).inputValue()).toBe("");
    expect(sent).toEqual(["POST"]);
  },
);

test("before the chat's scripts have come, a stopped answer is asked for again and a title changed", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Who cleans the stairs?");
  const first = await model.next();
  first.say("The stairs are");
  await said(page).getByText("The stairs are").waitFor();
  await stopButton(page).click();
  await first.closed;
  await page.waitForURL(ADDRESS);

  const scripts = await openUnscripted(page, page.url());
  await page.getByRole("button", { name: "Ask again" }).dblclick();
  await page.getByRole("button", { name: "Rename conversation" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename this conversation" });
  await dialog.getByLabel("Title").fill("Stairs");
  await dialog.getByRole("button", { name: "Save" }).click();
  scripts.release();
  const second = await model.next();
  second.say("The stairs are cleaned on Mondays.");
  second.end();
  await page.getByRole("heading", { level: 1, name: "Stairs" }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  await untilAnswered(page);
  await said(page).getByText("The stairs are cleaned on Mondays.").waitFor();
  expect(await answers(page).count()).toBe(1);
});
