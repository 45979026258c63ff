import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { answers, ask, composer, questions, said, untilAnswered } from "../support/chat-page.ts";
import { conversationOf } from "../support/conversations.ts";

/** What homeowners do with a conversation: copy, change, come back to it. */

const threadIdOf = (page: Page) => new URL(page.url()).pathname.split("/").at(-1) ?? "";
const copyButton = (page: Page) => page.getByRole("button", { name: "Copy answer" });

test("an answer is copied, by the clipboard or by a selection, and where neither works waits selected", async ({
  hannah: page,
  portals,
}) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "When is food waste collected?");
  await untilAnswered(page);
  const shown = await said(page).evaluate((element: HTMLElement) => element.innerText);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const letSelectionsCopy = (may: boolean) =>
    page.evaluate((works) => {
      const { execCommand } = Document.prototype;
      document.execCommand = works ? execCommand : () => false;
    }, may);
  await letSelectionsCopy(false);
  await copyButton(page).click();
  await page.getByText("Copied").waitFor();
  expect(await clipboard()).toBe(shown);

  await letSelectionsCopy(true);
  await page.evaluate(async () => {
    await navigator.clipboard.writeText("");
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await copyButton(page).click();
  await waitFor(async () => (await clipboard()) !== "", { what: "the selection to be copied" });
  expect((await clipboard()).replace(/\s+/g, " ").trim()).toBe(shown.replace(/\s+/g, " ").trim());

  await letSelectionsCopy(false);
  await copyButton(page).click();
  await page.getByText("The answer is selected").waitFor();
  const selected = await page.evaluate(() => String(getSelection()));
  expect(selected.replace(/\s+/g, " ").trim()).toBe(shown.replace(/\s+/g, " ").trim());
});

test("messages say when, in the time zone of the browser, and in UTC without scripts", async ({
  hannah: page,
  newPage,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "How do I report a defect?");
  await untilAnswered(page);
  const storageState = await page.context().storageState();
  const times = (reader: Page) => reader.locator("main ol time").allTextContents();
  expect(await times(page)).toEqual([
    expect.stringMatching(/^\d\d:\d\d$/),
    expect.stringMatching(/^\d\d:\d\d$/),
  ]);
  const inTokyo = await newPage({ storageState, timezoneId: "Asia/Tokyo" });
  await inTokyo.goto(page.url());
  const at = await inTokyo.locator("main ol time").first().getAttribute("datetime");
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const tokyo = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Asia/Tokyo",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(at ?? ""));
  await waitFor(async () => (await times(inTokyo))[0]?.endsWith(tokyo), { what: "the browser's own time" });
  const unscripted = await newPage({ storageState, javaScriptEnabled: false });
  await unscripted.goto(page.url());
  expect((await times(unscripted))[0]).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d UTC$/);
  expect(await said(unscripted).count()).toBe(1);
});

test("the last question is asked anew in other words: one question and one answer are left, here and in the database", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "Where may my visitors park?");
  await untilAnswered(page);
  await ask(page, "When are the bins collectd?");
  await untilAnswered(page);
  expect(await page.getByRole("button", { name: "Edit question" }).count()).toBe(1);
  await page.getByRole("button", { name: "Edit question" }).click();
  const field = page.getByLabel("Put it in other words");
  expect(await field.evaluate((area) => area === document.activeElement)).toBe(true);
  await field.press("Escape");
  await page.getByRole("button", { name: "Edit question" }).click();
  await photograph(page, "chat-edit-question");
  await field.fill("How many keys do I get?");
  await field.press("Enter");
  await answers(page).filter({ hasText: "three sets" }).waitFor();
  await untilAnswered(page);
  for (const state of ["live", "loaded"]) {
    if (state === "loaded") await page.reload();
    await answers(page).filter({ hasText: "three sets" }).waitFor();
    expect(await questions(page).locator("p").allTextContents()).toEqual([
      "Where may my visitors park?",
      "How many keys do I get?",
    ]);
    expect(await answers(page).count()).toBe(2);
  }
  const stored = await conversationOf(portals.postgres.url, threadIdOf(page));
  expect(stored.map(({ role, body }) => (role === "user" ? body : role))).toEqual([
    "Where may my visitors park?",
    "assistant",
    "How many keys do I get?",
    "assistant",
  ]);
});

test("a question behind which another was asked in another window is not replaced", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "Where may my visitors park?");
  await untilAnswered(page);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await ask(other, "How many keys do I get?");
  await untilAnswered(other);
  await page.getByRole("button", { name: "Edit question" }).click();
  await page.getByLabel("Put it in other words").fill("Where do guests park?");
  await page.getByRole("button", { name: "Ask anew" }).click();
  await page
    .getByRole("alert")
    .filter({ hasText: "asked something else or changed this question since" })
    .waitFor();
  expect(await conversationOf(portals.postgres.url, threadIdOf(page))).toHaveLength(4);
});

test("an answer that fails is asked for again, and each row is written once", async ({
  hannah: page,
  model,
  modelUrl,
  portals,
}) => {
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Where do batteries go?");
  const broken = await model.next();
  broken.say("Batteries go into");
  await said(page).getByText("Batteries go into").waitFor();
  broken.cut();
  await page.getByRole("button", { name: "Try again" }).click();
  const mended = await model.next();
  mended.say("A clear bag.");
  mended.end();
  await untilAnswered(page);
  const stored = await conversationOf(portals.postgres.url, threadIdOf(page));
  expect(stored.map(({ body }) => body)).toEqual(["Where do batteries go?", "A clear bag."]);
});

test("what was typed is there after a reload, per conversation, and after signing in again, but not after signing out", async ({
  hannah: page,
  portals,
}) => {
  const { url } = portals.tenant;
  await page.goto(`${url}/chat`);
  await ask(page, "Where may my visitors park?");
  await untilAnswered(page);
  const conversation = page.url();
  await composer(page).fill("And on Sundays?");
  await page.goto(`${url}/chat`);
  await composer(page).fill("A new matter");
  await page.goto(conversation);
  await waitFor(async () => (await composer(page).inputValue()) === "And on Sundays?", { what: "the draft" });
  await page.reload();
  await waitFor(async () => (await composer(page).inputValue()) === "And on Sundays?", { what: "the draft" });

  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await composer(page).press("Enter");
  await page.getByText("You are not signed in any more.").waitFor();
  const wayBack = await page.getByRole("link", { name: "Sign in again" }).getAttribute("href");
  expect(wayBack).toBe(`/sign-in?to=${encodeURIComponent(new URL(conversation).pathname)}`);
  await page.goto(`${url}${wayBack}`);
  await page.context().addCookies(cookies);
  await page.goto(conversation);
  await waitFor(async () => (await composer(page).inputValue()) === "And on Sundays?", {
    what: "the question that was not sent",
  });
  expect(await questions(page).count()).toBe(1);

  // Where browsers do not heed what the server says of their storage, as over plain http.
  await page.route("**/*", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    const { "clear-site-data": _, ...headers } = response.headers();
    return route.fulfill({ response, headers });
  });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test("sources are what an answer quotes, and who to call in an emergency is one of them", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "water is coming through the ceiling!!");
  await untilAnswered(page);
  for (const state of ["live", "loaded"]) {
    if (state === "loaded") await page.reload();
    const answer = answers(page).first();
    const sources = answer.getByRole("list").last().getByRole("link");
    const quoted = await said(page).locator("strong").allTextContents();
    expect(await sources.allTextContents()).toEqual(quoted.slice(1)); // the first is what to do
    expect(quoted).toContain("Your handover at Cooper's Quay");
  }
  const first = answers(page).getByRole("list").last().getByRole("link").first();
  await first.click();
  await page.getByRole("region", { name: "What was found" }).getByText("0117 496 0142").waitFor();
});

test("the beginning of a very long conversation is reached without losing the place that is read", async ({
  hannah: page,
  portals,
}) => {
  await page.setViewportSize(PHONE);
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "Where may my visitors park?");
  await untilAnswered(page);
  await addMessages(portals.postgres.url, threadIdOf(page), 150);
  await page.reload();
  const view = page.getByRole("region", { name: "Messages" });
  await view.getByText("Message 150", { exact: true }).waitFor();
  expect(await view.getByText("Message 40", { exact: true }).count()).toBe(0);
  const earlier = page.getByRole("link", { name: "Show earlier messages" });
  await earlier.scrollIntoViewIfNeeded();
  const mark = view.getByText("Message 55", { exact: true });
  const place = async () => (await mark.boundingBox())?.y ?? 0;
  const before = await place();
  await earlier.click();
  await view.getByText("Message 1", { exact: true }).waitFor({ state: "attached" });
  expect(Math.abs((await place()) - before)).toBeLessThan(40); // the link's own height is gone
  expect(await earlier.count()).toBe(0);
});

/** Questions, some of them answered, as a year of use leaves them. */
async function addMessages(serverUrl: string, threadId: string, count: number): Promise<void> {
  await asSuperuser(serverUrl, (client) =>
    client.query(
      `insert into messages (tenant_id, thread_id, role, body, client_message_id)
         select t.tenant_id, t.id, 'user', 'Message ' || n, 'many-' || n
           from chat_threads t, generate_series(1, $2::integer) n where t.id = $1`,
      [threadId, count],
    ),
  );
}
