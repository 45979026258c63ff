import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE } from "../support/browser.ts";
import { ADDRESS, ask, questions, said, untilAnswered } from "../support/chat-page.ts";
import { holdRequests, holdResponses } from "../support/held-requests.ts";

test("while a question is on its way, whoever goes elsewhere gets there, and finds the answer when they come back", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  const question = await holdRequests(page, "**/api/chat");
  const questionKept = page.waitForResponse(/\/api\/chat$/);
  await ask(page, "How do I get a second key?");
  const elsewhere = await holdRequests(page, (url) => url.pathname === "/search");
  await page.getByRole("link", { name: "Search", exact: true }).click();
  await elsewhere.asked;
  question.release();
  const asked = await model.next();
  await questionKept;
  await page.waitForURL(ADDRESS);
  elsewhere.release();
  await page.getByRole("heading", { level: 1, name: "Search" }).waitFor();
  asked.say("Ask the caretaker.");
  asked.end();
  await page.goBack();
  await said(page).getByText("Ask the caretaker.").waitFor();
  await untilAnswered(page);
});

test("while a question is on its way a new conversation can be begun, and the one before is in the list", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  const question = await holdRequests(page, "**/api/chat");
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Who repairs the gate?");
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.getByRole("link", { name: "New conversation" }).click();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  question.release();
  const asked = await model.next();
  asked.say("The management company.");
  asked.end();
  await list.getByRole("link", { name: "Who repairs the gate?" }).click();
  await said(page).getByText("The management company.").waitFor();
  await untilAnswered(page);
  expect(await questions(page).count()).toBe(1);
});

test("a new conversation can be begun in the instant in which the one before gets its address", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  const question = await holdRequests(page, "**/api/chat");
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "Is the attic mine?");
  await page.evaluate(() => {
    const { replaceState } = window.history;
    window.history.replaceState = (...args) => {
      replaceState.apply(window.history, args);
      if (String(args[2]).startsWith("/chat/"))
        document.querySelector<HTMLElement>("nav a[href='/chat']:not([aria-current=true])")?.click();
    };
  });
  question.release();
  const asked = await model.next();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  await page.waitForURL(/\/chat$/);
  expect(await questions(page).count()).toBe(0);
  asked.end();
});

test("an answer that ends while its conversation is being loaded is not lost from sight", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.goto(`${modelUrl}/chat`);
  const stream = page.waitForResponse(/\/api\/chat$/);
  await ask(page, "Where is the stopcock?");
  const asked = await model.next();
  asked.say("Under the sink.");
  await said(page).getByText("Under the sink.").waitFor();
  await page.waitForURL(ADDRESS);
  const { pathname } = new URL(page.url());
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.getByRole("link", { name: "New conversation" }).click();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();

  const loaded = await holdResponses(page, (url) => url.pathname === pathname);
  await list.getByRole("link", { name: "Where is the stopcock?" }).click();
  await loaded.asked;
  asked.end();
  await (await stream).finished();
  loaded.release();
  await page.getByRole("heading", { level: 1, name: "Where is the stopcock?" }).waitFor();
  await untilAnswered(page);
  await said(page).getByText("Under the sink.").waitFor();
});

test("the drawer stays open while the conversation behind it gets its address", async ({
  hannah: page,
  model,
  modelUrl,
}) => {
  await page.setViewportSize(PHONE);
  const question = await holdRequests(page, "**/api/chat");
  await page.goto(`${modelUrl}/chat`);
  await ask(page, "May I keep a dog?");
  await page.getByRole("button", { name: "Conversations" }).click();
  const drawer = page.getByRole("dialog", { name: "Conversations" });
  await drawer.waitFor();
  question.release();
  const asked = await model.next();
  await page.waitForURL(ADDRESS);
  const current = drawer.locator('li a[aria-current="page"]').filter({ hasText: "May I keep a dog?" });
  await current.waitFor();
  await current.click();
  await drawer.waitFor({ state: "hidden" });
  asked.say("A small one.");
  asked.end();
  await untilAnswered(page);
});
