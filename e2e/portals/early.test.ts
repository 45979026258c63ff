import { expect } from "vitest";
import { test } from "../fixture.ts";
import { holdRequests, openUnscripted, untilTakenOver } from "../support/held-requests.ts";
import { goToHomeowner } from "../support/people.ts";
import { moveIn } from "../support/residents.ts";

/** Pages are seen, and used, before their scripts have come; the chat's are beside the chat. */

test("what is typed into the search before the page's scripts have come stays", async ({
  samir: page,
  portals,
}) => {
  const url = `${portals.tenant.url}/search`;
  const scripts = await openUnscripted(page, `${url}?q=home`);
  const field = page.getByLabel("Search the documents");
  await field.fill("radiator");
  scripts.release();
  await untilTakenOver(field);
  expect(await field.inputValue()).toBe("radiator");
  await field.press("Enter");
  await page.waitForURL((address) => address.searchParams.get("q") === "radiator");
});

test("what is typed while a search is on its way stays, and going back shows what was searched", async ({
  samir: page,
  portals,
}) => {
  const url = `${portals.tenant.url}/search`;
  await page.goto(`${url}?q=home`);
  const field = page.getByLabel("Search the documents");
  await page.getByText(/^Page 1 of /).waitFor();
  const results = await holdRequests(page, (address) => address.searchParams.get("q") === "radiator");
  await field.fill("radiator");
  await field.press("Enter");
  await results.asked;
  await field.pressSequentially(" pressure");
  results.release();
  await page.waitForURL((address) => address.searchParams.get("q") === "radiator");
  await page.locator("mark").first().waitFor();
  expect(await field.inputValue()).toBe("radiator pressure");
  await page.goBack();
  await page.getByText(/^Page 1 of /).waitFor();
  expect(await field.inputValue()).toBe("home");
});

test("a code is not withdrawn unasked before the page's scripts have come", async ({ portals, page }) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  await goToHomeowner(page, portals, { developmentName: "Orchard Rise", name: resident?.name ?? "" });
  const scripts = await openUnscripted(page, page.url());
  await page.getByRole("button", { name: `Withdraw the code of ${resident?.name}` }).click();
  const dialog = page.getByRole("dialog", { name: `Withdraw the code of ${resident?.name}?` });
  await dialog.getByRole("button", { name: "Leave it" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: `Withdraw the code of ${resident?.name}` }).click();
  await dialog.waitFor();
  expect(await page.locator(`[data-code="${resident?.code}"]`).count()).toBe(1);
  scripts.release();
  await untilTakenOver(dialog.getByRole("button", { name: "Withdraw it" }));
  await dialog.getByRole("button", { name: "Withdraw it" }).click();
  await page.getByText("Code withdrawn.").waitFor();
});

test("a home that is opened with two presses before the page's scripts have come is opened, and its homeowner is in", async ({
  portals,
  page,
}) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  await openUnscripted(page, `${portals.tenant.url}/onboard/${resident?.code}`);
  await page.getByRole("button", { name: /open/i }).dblclick({ noWaitAfter: true });
  await page.getByRole("heading", { name: `Welcome home, ${resident?.name}` }).waitFor();
});
