import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { answers, ask, composer, questions, untilAnswered } from "../support/chat-page.ts";

test("a session that has ended is told, with the way back in, and the question stays on screen", async ({
  owen: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await page.context().clearCookies();
  await ask(page, "Am I still here?");
  await page.getByText("You are not signed in any more.").waitFor();
  expect(await page.getByRole("link", { name: "Sign in again" }).getAttribute("href")).toBe(
    "/sign-in?to=%2Fchat",
  );
  expect(await questions(page).count()).toBe(1);
  expect(new URL(page.url()).pathname).toBe("/chat");
  await photograph(page, "chat-signed-out-desktop");
});

test("a conversation that was deleted elsewhere is told, and does not begin anew under its address", async ({
  owen: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/chat`);
  await ask(page, "What does my warranty cover?");
  await untilAnswered(page);
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(page.url());
  await elsewhere.getByRole("button", { name: "Delete conversation" }).click();
  await elsewhere.getByRole("button", { name: "Delete", exact: true }).click();
  await elsewhere.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
  await ask(page, "And the appliances?");
  await page.getByText("This conversation is not there any more").waitFor();
  await page.locator("main").getByRole("link", { name: "New conversation" }).last().click();
  await page.getByRole("heading", { level: 1, name: "Ask about your home" }).waitFor();
});

test("while the database is away the question waits, and is answered once it is back, by itself", async ({
  hannah: page,
  portals,
}) => {
  const { tenant, postgres } = portals;
  await page.setViewportSize(PHONE);
  await page.goto(`${tenant.url}/chat`);
  await composer(page).waitFor();
  const refusals: (string | undefined)[] = [];
  page.on("response", (response) => {
    if (response.status() === 503 && response.url().endsWith("/api/chat"))
      refusals.push(response.headers()["retry-after"]);
  });
  await postgres.kill();
  try {
    await ask(page, "When are the bins collected?");
    await page.getByText("It is sent again by itself in a moment.").waitFor();
    // One, or more where the page was slower than the time after which it asks again.
    expect(refusals.at(0)).toMatch(/^\d+$/);
    await page.getByRole("button", { name: "Try now" }).waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/ECONNREFUSED|refused|:\d{4,}/i);
    await photograph(page, "chat-database-away-phone");
  } finally {
    await postgres.restart();
  }
  await answers(page).filter({ hasText: "Wednesday" }).waitFor({ timeout: 40_000 });
  await untilAnswered(page);
  expect(await questions(page).count()).toBe(1);
  expect(await page.getByText("cannot be reached").count()).toBe(0);
  await page.reload();
  await answers(page).filter({ hasText: "Wednesday" }).waitFor();
  expect(await questions(page).count()).toBe(1);
});
