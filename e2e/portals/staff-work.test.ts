import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { DESKTOP, PHONE, photograph } from "../support/browser.ts";
import { asHomeowner } from "../support/homeowners.ts";
import { companies, goToHomeowner, signIn } from "../support/people.ts";
import type { Portals } from "../support/portals.ts";
import { moveIn } from "../support/residents.ts";

const LIST = `Plot;Type;Beds;Area;Handover;Homeowner;E-mail
Plot 2;Terraced house;3;84,5;21/11/2026;Nora Field;nora@example.com
Plot 2;Terraced house;3;84,5;21/11/2026;Tom Field;tom@example.com
Plot 3;Semi-detached house;4;102;;;`;

const csv = (text: string) => ({ name: "homes.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

async function fillUnit(page: Page, label: string) {
  await page.getByLabel("Label").fill(label);
  await page.getByLabel("Kind").fill("Terraced house");
  await page.getByLabel("Bedrooms").fill("3");
  await page.getByLabel("Floor area in m²").fill("84.5");
}

/** A page of somebody who has moved in. */
async function signInAt(newPage: () => Promise<Page>, portals: Portals, homeownerId: string): Promise<Page> {
  const page = await newPage();
  const { cookie } = await asHomeowner(portals.postgres.url, `${homeownerId}@example.com`);
  const [name = "", value = ""] = cookie.split("=");
  await page.context().addCookies([{ name, value, url: "http://localhost" }]);
  return page;
}

/** From the list of a development's units. */
const openUnit = (page: Page, label: string) =>
  page
    .getByRole("row", { name: new RegExp(`^${label} `) })
    .getByRole("link", { name: "Open unit" })
    .click();

test("a development is made, filled and archived without a script", async ({
  newPage,
  page: signedIn,
  portals,
}) => {
  await signIn(signedIn, portals, companies(portals)[0]);
  const storageState = await signedIn.context().storageState();
  const page = await newPage({ javaScriptEnabled: false, storageState });
  await page.goto(portals.developer.url);
  await page.getByRole("link", { name: "New development" }).click();
  await page.getByLabel("Name").fill("Kiln \u202EYard");
  await page.getByLabel("Address").fill("3 Kiln Road, Bath");
  const [refused] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: "Create" }).click(),
  ]);
  expect(refused.status()).toBe(422);
  await page.getByText("This holds U+202E, which cannot be seen").waitFor();
  // What was typed is still there.
  expect(await page.getByLabel("Address").inputValue()).toBe("3 Kiln Road, Bath");
  await page.getByLabel("Name").fill("Kiln Yard");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: "Kiln Yard" }).waitFor();
  const development = page.url();

  await page.getByRole("link", { name: "Add a unit" }).click();
  await fillUnit(page, "Plot 1");
  await page.getByRole("button", { name: "Add the unit" }).click();
  await page.getByRole("heading", { level: 1, name: "Plot 1" }).waitFor();
  await page.goto(`${development}/units/new`);
  await fillUnit(page, "Plot 1");
  await page.getByRole("button", { name: "Add the unit" }).click();
  await page.getByText("Another unit of this development has this label").waitFor();

  await page.goto(`${development}/import`);
  await page
    .getByLabel("List", { exact: true })
    .setInputFiles(csv(LIST.replace("nora@example.com", "nora").replace(";3;", ";x;")));
  await page.getByRole("button", { name: "Show what it holds" }).click();
  await page.getByText("2 things are to be put right").waitFor();
  await page.getByText("Line 2: The number of bedrooms").waitFor();
  await page.getByText("Line 2: This is no e-mail address").waitFor();
  await page.getByLabel("List", { exact: true }).setInputFiles(csv(LIST));
  await page.getByRole("button", { name: "Show what it holds" }).click();
  await page.getByText("2 new units, 2 new homeowners. Nothing is added yet.").waitFor();
  await photograph(page, "import-preview");
  await page.getByRole("button", { name: "Add 2 units and 2 homeowners" }).click();
  await page.getByText("Added: 2 units, 2 homeowners.").waitFor();

  await page.goto(development);
  await page.getByRole("link", { name: "Nora Field" }).waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByText("In the archive").waitFor();
  await page.goto(portals.developer.url);
  expect(await page.getByRole("link", { name: "Kiln Yard" }).count()).toBe(0);
  await page.getByRole("link", { name: "1 development in the archive" }).click();
  await page.getByRole("link", { name: "Kiln Yard" }).click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await page.getByRole("heading", { name: "Archive this development" }).waitFor();
  await page.goto(portals.developer.url);
  await page.getByRole("link", { name: "Kiln Yard" }).waitFor();

  await page.getByRole("link", { name: "Activity" }).click();
  for (const done of ["Development brought back", "List imported", "Unit added", "Development created"])
    await page.getByText(done).first().waitFor();
});

test("a homeowner is edited, and once removed they are signed out", async ({ newPage, page, portals }) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  if (resident === undefined) throw new Error("somebody has moved in");
  const { homeownerId, name } = resident;
  const atHome = await signInAt(newPage, portals, homeownerId);
  await atHome.goto(portals.tenant.url);
  await atHome.getByRole("heading", { name: /^Welcome home/ }).waitFor();

  await goToHomeowner(page, portals, { developmentName: "Orchard Rise", name });
  await page.getByLabel("Name", { exact: true }).fill(`${name} Junior`);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("heading", { level: 1, name: `${name} Junior` }).waitFor();
  const email = page.getByLabel("E-mail address");
  await email.fill("no address@x");
  await page.locator("form", { has: email }).evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
  });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("This is no e-mail address").waitFor();
  expect(await email.inputValue()).toBe("no address@x");
  await photograph(page, "staff-homeowner");
  await page.getByLabel(`Remove ${name} Junior for good`).check();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("Nobody is recorded for this unit so far.").waitFor();
  await atHome.goto(portals.tenant.url);
  await atHome.waitForURL(/sign-in/);
});

test("a document is renamed, replaced, deleted and brought back", async ({ newPage, page, portals }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/documents`);
  await page.getByLabel("Development").selectOption({ label: "Saltmarsh Lane" });
  await page.getByLabel("Title").fill("Bins");
  const file = (text: string) => ({ name: "bins.md", mimeType: "text/markdown", buffer: Buffer.from(text) });
  await page.getByLabel("File").setInputFiles(file("# Bins\n\nWednesdays."));
  await page.getByRole("button", { name: "Upload" }).click();
  await page.getByText("is uploaded").waitFor();
  await page.getByRole("link", { name: "Bins", exact: true }).click();
  await page.locator("article").getByText("Wednesdays.").waitFor();
  const before = page.url();

  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Title").fill("All about the bins");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Search finds it").waitFor();
  await page.getByRole("heading", { level: 1, name: "Edit All about the bins" }).waitFor();
  await photograph(page, "staff-document-edit");
  await page.locator("[type=file]").setInputFiles(file("# Bins\n\nThursdays."));
  await page.getByRole("button", { name: "Replace" }).click();
  await page.locator("article").getByText("Thursdays.").waitFor();
  await page.getByRole("heading", { level: 1, name: "All about the bins" }).waitFor();
  await page.goto(`${before}/edit`);
  await page.getByText("This is the one in its place.").waitFor();
  await page.getByRole("heading", { level: 1, name: "All about the bins" }).waitFor();
  // What somebody has kept of the one before.
  const [resident] = await moveIn(portals, "Saltmarsh Lane", 1);
  const atHome = await signInAt(newPage, portals, resident?.homeownerId ?? "");
  const path = `${new URL(before).pathname}?passage=0#passage-0`;
  for (const [reader, { url }] of [
    [atHome, portals.tenant],
    [page, portals.developer],
  ] as const) {
    await reader.goto(url + path);
    await reader.getByText("This is the one in its place.").waitFor();
    await reader.locator("article").getByText("Thursdays.").waitFor();
    expect(new URL(reader.url()).pathname).not.toBe(new URL(before).pathname);
    await reader.setViewportSize(reader === atHome ? PHONE : DESKTOP);
    await photograph(reader, `document-in-its-place-${reader === atHome ? PHONE.width : DESKTOP.width}`);
  }
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { level: 1, name: "Deleted documents" }).waitFor();
  expect(await page.getByRole("button", { name: "Bring back All about the bins" }).count()).toBe(2);
  await photograph(page, "staff-documents-deleted");
  await page.getByRole("button", { name: "Bring back All about the bins" }).first().click();
  await page.locator("article").getByText("Thursdays.").waitFor();
});

test("a colleague is invited by a link, chooses a password, is made an editor and disabled", async ({
  newPage,
  page,
  portals,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Team" }).click();
  await page.getByRole("link", { name: "Invite a colleague" }).click();
  await page.getByLabel("Name").fill("Ines Baker");
  await page.getByLabel("E-mail address").fill("ines@harbourvale.example");
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByText("Ines Baker is invited.").waitFor();
  await photograph(page, "staff-invited");
  const link = (await page.locator("[data-secret]").getAttribute("data-secret")) ?? "";
  expect(new URL(link).origin).toBe(portals.developer.url);

  const ines = await newPage({ javaScriptEnabled: false });
  await ines.goto(link);
  const choose = async (password: string, again: string) => {
    await ines.getByLabel("New password", { exact: true }).fill(password);
    await ines.getByLabel("New password again").fill(again);
    await ines.getByRole("button", { name: "Set the password" }).click();
  };
  await choose("four words are good", "four words are bad");
  await ines.getByText("This is not what stands above.").waitFor();
  await photograph(ines, "staff-join");
  await choose("four words are good", "four words are good");
  await ines.waitForURL(/sign-in/);
  await ines.getByLabel("Email").fill("ines@harbourvale.example");
  await ines.getByLabel("Password").fill("four words are good");
  await ines.getByRole("button", { name: "Sign in" }).click();
  await ines.getByRole("heading", { level: 1, name: "Developments" }).waitFor();
  expect(await ines.getByRole("link", { name: "New development" }).count()).toBe(0);
  expect((await (await newPage()).goto(link))?.status()).toBe(410);

  await page.getByRole("link", { name: "Team", exact: true }).first().click();
  await page.getByRole("link", { name: "Ines Baker" }).click();
  await page.getByRole("combobox", { name: "Role" }).selectOption({ label: "Editor" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await ines.reload();
  await ines.getByRole("link", { name: "New development" }).waitFor();
  await ines.goto(`${portals.developer.url}/password`);
  await ines.getByLabel("Password so far").fill("four words are good");
  await ines.getByLabel("New password", { exact: true }).fill("five words are even better");
  await ines.getByLabel("New password again").fill("five words are even better");
  await ines.getByRole("button", { name: "Change" }).click();
  await ines.getByText("Changed. Your other devices").waitFor();
  await photograph(page, "staff-member");
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("heading", { name: "Account disabled" }).waitFor();
  await ines.goto(portals.developer.url);
  await ines.waitForURL(/sign-in/);
});

test("a viewer reads, and may change nothing", async ({ page, portals }) => {
  await signIn(page, portals, companies(portals)[0], "viewer");
  const { url } = portals.developer;
  expect(await page.getByRole("link", { name: "New development" }).count()).toBe(0);
  await page.getByRole("link", { name: "Cooper's Quay" }).click();
  await page.getByRole("heading", { level: 1, name: "Cooper's Quay" }).waitFor();
  const development = page.url();
  for (const name of ["Add a unit", "Import a list", "Edit"])
    expect(await page.getByRole("link", { name, exact: true }).count()).toBe(0);
  await openUnit(page, "Flat 1");
  await page.getByRole("heading", { level: 1, name: "Flat 1" }).waitFor();
  expect(await page.locator("main form").count()).toBe(0);
  for (const path of ["/developments/new", "/documents/deleted", "/team", "/team/new"])
    expect((await page.goto(url + path))?.status()).toBe(403);
  for (const path of ["/edit", "/import", "/units/new"])
    expect((await page.goto(development + path))?.status()).toBe(403);
  expect((await page.goto(`${url}/activity`))?.status()).toBe(200);
});

test("the pages of staff fit every screen, light and dark", async ({ page, portals }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Orchard Rise" }).click();
  await page.getByRole("heading", { level: 1, name: "Orchard Rise" }).waitFor();
  const development = page.url();
  await openUnit(page, "Plot 1");
  await page.getByRole("heading", { level: 1, name: "Plot 1" }).waitFor();
  const unit = page.url();
  for (const [name, address] of [
    ["development-new", `${portals.developer.url}/developments/new`],
    ["development-edit", `${development}/edit`],
    ["development", development],
    ["unit", unit],
    ["import", `${development}/import`],
    ["team", `${portals.developer.url}/team`],
    ["password", `${portals.developer.url}/password`],
    ["activity", `${portals.developer.url}/activity`],
  ] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: viewport === PHONE ? "dark" : "light" });
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await photograph(page, `staff-${name}-${viewport.width}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect({ name, width }).toEqual({ name, width: viewport.width });
    }
  }
});
