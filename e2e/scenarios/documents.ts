import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { asVisitor, photograph } from "../support/browser.ts";
import type { Fixture } from "../support/fixture.ts";
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

export function documents(fixture: () => Fixture): void {
  describe("documents", () => {
    test("an uploaded document is in the list, reads as written, and runs nothing", async () => {
      const { browser, portals } = fixture();
      await asVisitor(browser, async (page) => {
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
      });
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, companies(portals)[1]);
        await page.goto(`${portals.developer.url}/documents`);
        await page.getByRole("table").waitFor();
        expect(await page.getByText(TITLE).count()).toBe(0);
      });
    });

    test.each([
      ["a picture", "photo.png", "image/png", Buffer.from([0x89, 0x50, 0x4e, 0x47])],
      ["text that is not UTF-8", "latin.txt", "text/plain", Buffer.from([0xff, 0xfe, 0xe9])],
      ["more than 1 MB", "long.txt", "text/plain", Buffer.alloc(1_100_000, "a")],
      ["nothing at all", "empty.txt", "text/plain", Buffer.alloc(0)],
    ])("%s is refused at the field, and nothing is kept", async (_what, name, mimeType, buffer) => {
      const { browser, portals } = fixture();
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, companies(portals)[0]);
        await page.goto(`${portals.developer.url}/documents`);
        await upload(page, { name, mimeType, buffer }, `Refused ${name}`);
        await page.locator('input[type="file"][aria-invalid="true"]').waitFor();
        await page.goto(`${portals.developer.url}/documents`);
        await page.getByRole("table").waitFor();
        expect(await page.getByText(`Refused ${name}`).count()).toBe(0);
      });
    });

    test("a viewer may read and not upload", async () => {
      const { browser, portals } = fixture();
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, companies(portals)[0], "viewer");
        await page.goto(`${portals.developer.url}/documents`);
        await page.getByRole("link", { name: TITLE }).first().waitFor();
        expect(await page.getByRole("button", { name: "Upload" }).count()).toBe(0);
      });
    });
  });
}
