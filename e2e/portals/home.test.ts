import { asSuperuser } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { answers, ask, composer, questions, untilAnswered } from "../support/chat-page.ts";
import { asHomeowner } from "../support/homeowners.ts";
import { moveIn } from "../support/residents.ts";

const WIDTHS = [1440, 768, 375];

test("Home begins with what somebody came for: a field that searches, and asks the assistant at once", async ({
  hannah: page,
  portals,
}) => {
  const { url } = portals.tenant;
  await page.goto(url);
  const field = page.getByLabel("What would you like to know?");
  await field.fill("parking");
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/\/search\?q=parking$/);
  await page.goto(url);
  await field.fill("When is food waste collected?");
  await page.getByRole("button", { name: "Ask" }).click();
  await untilAnswered(page);
  expect(await answers(page).textContent()).toContain("Wednesday");
  expect(await questions(page).count()).toBe(1);
  expect(await composer(page).inputValue()).toBe("");

  // A link from elsewhere asks nothing by itself.
  await page.goto(`${url}/chat?q=Who+are+you`);
  await page.getByRole("button", { name: "Send", disabled: false }).waitFor();
  expect(await composer(page).inputValue()).toBe("Who are you");
  expect(await questions(page).count()).toBe(0);
});

test("Home says whom to call, in the words of the development's own document, to which it leads", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(portals.tenant.url);
  const card = page.getByRole("region", { name: "Who to call" });
  expect(await card.getByRole("link", { name: "0117 496 0142" }).getAttribute("href")).toBe(
    "tel:01174960142",
  );
  await card.getByRole("link", { name: "care@harbourvale.example" }).waitFor();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await photograph(page, `home-${width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  await card.getByRole("link", { name: "your handover papers" }).click();
  await page.getByRole("region", { name: "What was found" }).getByText("0117 496 0142").waitFor();
});

test("a document that came since the visit before is told until the next visit", async ({
  hannah: page,
  portals,
}) => {
  const { url } = portals.tenant;
  const told = page.getByText(/^Since your last visit a document has been added/);
  const home = page.getByRole("heading", { name: /^Welcome home/ });
  await page.goto(url);
  await home.waitFor();
  expect(await told.count()).toBe(0);
  // The others are older than any visit here: they have come with the seed, minutes ago.
  await asSuperuser(portals.postgres.url, (client) =>
    client.query(
      "update documents set created_at = case when title = $1 then now() else created_at - interval '2 days' end",
      ["Parking at Cooper's Quay"],
    ),
  );
  await page.reload();
  await told.waitFor();
  const row = page.getByRole("link", { name: /^Parking at Cooper's Quay/ });
  await row.getByText("New").waitFor();
  await photograph(page, "home-new-document");
  // As the cookie will be when they come back another day.
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "openhouse-visits");
  const [whose, , last] = cookie?.value.split(".") ?? [];
  const anHourAgo = {
    name: "openhouse-visits",
    value: `${whose}.1.${Number(last) - 3_600_000}`,
    url: "http://localhost",
  };
  await page.context().clearCookies({ name: "openhouse-visits" });
  await page.context().addCookies([anHourAgo]);
  await page.reload();
  await told.waitFor();
  // And as it will be when the document has been seen, and they come back once more.
  await asSuperuser(portals.postgres.url, (client) =>
    client.query("update documents set created_at = created_at - interval '2 hours' where title = $1", [
      "Parking at Cooper's Quay",
    ]),
  );
  await page.context().addCookies([anHourAgo]);
  await page.reload();
  await home.waitFor();
  expect(await told.count()).toBe(0);
});

test("of many new devices Home names three, and leads to the others", async ({ newPage, portals }) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  if (resident === undefined) throw new Error("somebody has moved in");
  const { cookie } = await asHomeowner(portals.postgres.url, `${resident.homeownerId}@example.com`);
  await asSuperuser(portals.postgres.url, (client) =>
    client.query(
      `insert into sessions (tenant_id, homeowner_id, expires_at)
         select tenant_id, id, now() + interval '1 hour' from homeowners, generate_series(1, 10) where id = $1`,
      [resident.homeownerId],
    ),
  );
  const page = await newPage();
  const [name = "", value = ""] = cookie.split("=");
  await page.context().addCookies([{ name, value, url: "http://localhost" }]);
  await page.goto(portals.tenant.url);
  const notice = page.getByRole("status").filter({ hasText: "Your home was opened on other devices" });
  await notice.getByRole("link", { name: "and 7 more" }).waitFor();
  expect(await notice.getByRole("listitem").count()).toBe(4);
  await photograph(page, "home-many-devices");
  await notice.getByRole("link", { name: "and 7 more" }).click();
  await page.waitForURL(/\/devices$/);
});

test("a search offers the words as they were typed, and where nothing is found the way to the assistant", async ({
  hannah: page,
  portals,
}) => {
  await page.goto(`${portals.tenant.url}/search?q=wifi`);
  await page.getByText("Showing results for").waitFor();
  expect(await page.getByRole("strong").first().textContent()).toBe("wi-fi");
  await photograph(page, "search-meant");
  await page.getByRole("link", { name: "Look for “wifi” instead" }).click();
  await page.getByText("Nothing found for “wifi”").waitFor();
  await page.getByRole("link", { name: "Put it to the assistant" }).click();
  await ask(page, "How fast is the wifi?");
  await untilAnswered(page);
});
