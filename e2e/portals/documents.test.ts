import { Buffer } from "node:buffer";
import { HEADING, makeDocx, paragraph } from "@openhouse/tooling/files/docx";
import { makePdf } from "@openhouse/tooling/files/pdf";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { ask } from "../support/chat-page.ts";
import { companies, signIn } from "../support/people.ts";

const TITLE = "Bicycle store";
const BODY =
  "# Bicycle store\n\nThe store is behind block B. <script>document.title = 'broken into'</script>\n";

async function upload(
  page: Page,
  file: { name: string; mimeType: string; buffer: Buffer },
  title = TITLE,
  development?: string,
) {
  const field = page.getByLabel("Development");
  await field.selectOption(development === undefined ? { index: 1 } : { label: development });
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

const BOMB = makeDocx(paragraph("x"), { "word/media/image1.png": Buffer.alloc(41_000_000) });

test.for([
  ["a picture", "photo.png", "image/png", Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ["text that is not UTF-8", "latin.txt", "text/plain", Buffer.from([0xff, 0xfe, 0xe9])],
  ["more than 1 MB", "long.txt", "text/plain", Buffer.alloc(1_100_000, "a")],
  ["a PDF that was scanned", "scan.pdf", "application/pdf", Buffer.from(makePdf([[]]))],
  ["a Word file that is a bomb", "bomb.docx", "application/msword", Buffer.from(BOMB)],
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

async function isIndexed(page: Page, title: string): Promise<void> {
  await page.getByText("is uploaded").waitFor();
  await page.getByRole("row", { name: title }).getByText("Indexing…").waitFor({ state: "detached" });
}

test("the chat says on which page of a PDF something is", async ({ page, portals, samir }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/documents`);
  const pages = [["Unpack the zymurgy kettle."], ["Descale the zymurgy kettle with vinegar", "each month."]];
  const pdf = { name: "kettle.pdf", mimeType: "application/pdf", buffer: Buffer.from(makePdf(pages)) };
  await upload(page, pdf, "Kettle manual", "Cooper's Quay");
  await isIndexed(page, "Kettle manual");
  await page.getByText("kettle.pdf · Text of a PDF").waitFor();
  await photograph(page, "document-pdf-listed");
  await page.getByRole("link", { name: "Kettle manual" }).click();
  await page.getByText("The file itself was not kept").waitFor();
  await photograph(page, "document-pdf");
  await samir.goto(`${portals.tenant.url}/chat`);
  await ask(samir, "How do I descale the zymurgy kettle?");
  await samir.getByRole("link", { name: "Kettle manual, page 2" }).click();
  await samir.getByText("Descale the zymurgy kettle with vinegar each month.").first().waitFor();
  await photograph(samir, "document-pdf-read");
});

test("a Word file is found by its words", async ({ page, portals, samir }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/documents`);
  const word = Buffer.from(makeDocx(paragraph("Quorn oven", HEADING) + paragraph("Grease the quorn rails.")));
  const file = { name: "oven.docx", mimeType: "application/msword", buffer: word };
  await upload(page, file, "Oven", "Cooper's Quay");
  await isIndexed(page, "Oven");
  await samir.goto(`${portals.tenant.url}/search?q=grease+quorn`);
  await samir.getByRole("heading", { name: "Quorn oven" }).waitFor();
});

test("a long Markdown document keeps its headings: the built portal lays it out in a thread", async ({
  page,
  portals,
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${portals.developer.url}/documents`);
  const text = Array.from({ length: 9 }, (_, at) => `## Part ${at + 1}\n\n${"Words and more. ".repeat(70)}`);
  const long = { name: "long.md", mimeType: "text/markdown", buffer: Buffer.from(text.join("\n\n")) };
  await upload(page, long, "Long manual", "Cooper's Quay");
  await page.getByText("is uploaded").waitFor();
  await page.getByRole("link", { name: "Long manual" }).click();
  await page.getByRole("heading", { name: "Part 1", exact: true }).waitFor();
});

test("a viewer may read documents and not upload them", async ({ portals, page }) => {
  await signIn(page, portals, companies(portals)[0], "viewer");
  await page.goto(`${portals.developer.url}/documents`);
  await page.getByRole("link", { name: TITLE }).first().waitFor();
  expect(await page.getByRole("button", { name: "Upload" }).count()).toBe(0);
});
