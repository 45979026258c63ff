import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";

const TITLE = "Bicycle store";
const BODY =
  "# Bicycle store\n\nThe store is behind block B. <script>document.title = 'broken into'</script>\n";

async function upload(page: Page, file: { name: string; mimeType: string; buffer: Buffer }, title = TITLE) {
  await page.getByLabel("Development").selectOption({ index: 1 });
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("File").setInputFiles(file);
  await page.getByRole("button", { name: "Upload" }).click();
}

test("an uploaded document is in the list, reads as written, and runs nothing", async ({
  newPage,
  page,
  portals,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/documents`);
  await upload(page, { name: "bicycles.md", mimeType: "text/markdown", buffer: Buffer.from(BODY) });
  await page.getByText("is uploaded").waitFor();
  await photograph(page, "document-uploaded");
  await page.getByRole("link", { name: TITLE }).first().click();
  await page.getByRole("heading", { name: TITLE }).first().waitFor();
  await page.getByText("The store is behind block B.").waitFor();
  // Next streams the title behind the page.
  await page.waitForFunction((title) => document.title.includes(title), TITLE);
  await photograph(page, "document");

  const elsewhere = await newPage();
  await signIn(elsewhere, portals, companies(portals)[1]);
  await elsewhere.goto(`${portals.developer.url}/documents`);
  await elsewhere.getByRole("table").waitFor();
  expect(await elsewhere.getByText(TITLE).count()).toBe(0);
});

test.for([
  ["a picture", "photo.png", "image/png", Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ["text that is not UTF-8", "latin.txt", "text/plain", Buffer.from([0xff, 0xfe, 0xe9])],
  ["more than 1 MB", "long.txt", "text/plain", Buffer.alloc(1_100_000, "a")],
  ["nothing at all", "empty.txt", "text/plain", Buffer.alloc(0)],
] as const)(
  "%s is refused as a document at its field, and nothing is kept",
  async ([_what, name, mimeType, buffer], { portals, page }) => {
    await signIn(page, portals, companies(portals)[0]);
    await page.goto(`${portals.developer.url}/documents`);
    await upload(page, { name, mimeType, buffer }, `Refused ${name}`);
    await page.locator('input[type="file"][aria-invalid="true"]').waitFor();
    await page.goto(`${portals.developer.url}/documents`);
    await page.getByRole("table").waitFor();
    expect(await page.getByText(`Refused ${name}`).count()).toBe(0);
  },
);

test("a viewer may read documents and not upload them", async ({ portals, page }) => {
  await signIn(page, portals, companies(portals)[0], "viewer");
  await page.goto(`${portals.developer.url}/documents`);
  await page.getByRole("link", { name: TITLE }).first().waitFor();
  expect(await page.getByRole("button", { name: "Upload" }).count()).toBe(0);
});
