import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { answers, ask, questions, untilAnswered } from "../support/chat-page.ts";

// Found by their addresses: a conversation that rests gets another title from a job.
const paths = { broadband: "", visitors: "" };

test("the list of conversations shows a new one at once, resumes each, and a new one begins empty", async ({
  owen: page,
  portals,
}) => {
  const list = page.getByRole("navigation", { name: "Conversations" });
  await page.goto(`${portals.tenant.url}/chat`);
  await list.getByText("Your conversations will be listed here.").waitFor();
  await ask(page, "How do I get broadband?");
  await list.getByRole("link", { name: "How do I get broadband?" }).waitFor();
  await untilAnswered(page);
  paths.broadband = new URL(page.url()).pathname;
  await list.getByRole("link", { name: "New conversation" }).click();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/chat");
  expect(await questions(page).count()).toBe(0);

  await ask(page, "Where may my visitors park?");
  await untilAnswered(page);
  paths.visitors = new URL(page.url()).pathname;
  const links = list.getByRole("listitem").getByRole("link");
  await links.first().filter({ hasText: "visitors" }).and(page.locator("[aria-current=page]")).waitFor();
  expect(await links.count()).toBe(2);

  await links.nth(1).click();
  await page.getByRole("heading", { level: 1, name: "How do I get broadband?" }).waitFor();
  expect(await questions(page).allTextContents()).toEqual([
    expect.stringContaining("How do I get broadband?"),
  ]);
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Where may my visitors park?" }).waitFor();
  expect(await answers(page).count()).toBe(1);
});

test("an answer that comes in one piece, as a proxy that buffers hands it on, has its address and its entry too", async ({
  hannah: page,
  portals,
}) => {
  await page.route("**/api/chat", async (route) => route.fulfill({ response: await route.fetch() }));
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "Is there a residents' association?");
  await untilAnswered(page);
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.locator('li a[aria-current="page"]').filter({ hasText: "residents' association" }).waitFor();
  await page.reload();
  expect(await questions(page).allTextContents()).toEqual([
    expect.stringContaining("residents' association"),
  ]);
});

test("a conversation gets another title, here and in the list, for good", async ({ owen: page, portals }) => {
  await page.goto(`${portals.tenant.url}/chat`);
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.locator(`a[href="${paths.broadband}"]`).click();
  await page.getByRole("button", { name: "Rename conversation" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename this conversation" });
  await dialog.getByLabel("Title").fill("   ");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("A title has 1 to 100 characters.").waitFor();
  await dialog.getByLabel("Title").fill("  Fibre <b>and</b>   phone ");
  await photograph(page, "chat-rename-desktop");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Fibre <b>and</b> phone" }).waitFor();
  const entry = list.locator(`a[href="${paths.broadband}"]`);
  await entry.getByText("Fibre <b>and</b> phone").waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Fibre <b>and</b> phone" }).waitFor();
  expect(await entry.textContent()).toContain("Fibre <b>and</b> phone");
});

test("a conversation is deleted after a question, and is gone from list and address", async ({
  owen: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.getByRole("link", { name: "Fibre" }).click();
  await page.getByRole("heading", { level: 1, name: /^Fibre/ }).waitFor();
  const address = page.url();
  await page.getByRole("button", { name: "Delete conversation" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete this conversation?" });
  await photograph(page, "chat-delete-desktop");
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await list.getByRole("link", { name: "Fibre" }).waitFor();
  await page.getByRole("button", { name: "Delete conversation" }).click();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  await list.getByRole("link", { name: "Fibre" }).waitFor({ state: "detached" });
  expect(await list.locator(`a[href="${paths.visitors}"]`).count()).toBe(1);
  const gone = await page.goto(address);
  expect(gone?.status()).toBe(404);
  await page.getByText("There is nothing here").waitFor();
});

test("a conversation cannot be opened by the neighbour in the same home, nor one that is no id", async ({
  hannah,
  owen,
  portals,
}) => {
  const address = `${portals.tenant.url}${paths.visitors}`;
  expect((await owen.goto(address))?.status()).toBe(200);
  await answers(owen).first().waitFor();
  for (const each of [address, `${portals.tenant.url}/chat/no-id`]) {
    const response = await hannah.goto(each);
    expect(response?.status()).toBe(404);
    await hannah.getByText("There is nothing here").waitFor();
    expect(await hannah.content()).not.toContain("visitors park");
  }
  await hannah.goto(`${portals.tenant.url}/chat`);
  await hannah.getByRole("navigation", { name: "Conversations" }).waitFor();
  expect(await hannah.content()).not.toContain(paths.visitors);
});
