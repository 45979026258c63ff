import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { BULLET, HEADING, makeDocx, paragraph } from "@openhouse/tooling/files/docx";
import { LOCKED, makePdf } from "@openhouse/tooling/files/pdf";
import { expect, test } from "vitest";
import { readUpload } from "../lib/document-upload.ts";
import { docxText } from "../lib/file-text/docx-text.ts";
import { faultWords } from "../lib/file-text/fault-words.ts";
import type { FileText } from "../lib/file-text/file-fault.ts";
import { pdfText } from "../lib/file-text/pdf-text.ts";
import { readFileText } from "../lib/file-text/read-file-text.ts";

/** What is read of a file, or what is said of it. */
const told = (read: FileText, kind: "pdf" | "docx") =>
  read.fault === undefined ? read : { text: undefined, fault: faultWords(read, kind) };
const readPdf = async (bytes: Uint8Array) => told(await pdfText(bytes), "pdf");
const readDocx = async (bytes: Uint8Array) => told(await docxText(bytes), "docx");
const pdf = (...args: Parameters<typeof makePdf>) => readPdf(makePdf(...args));
const docx = (...args: Parameters<typeof makeDocx>) => readDocx(makeDocx(...args));

test("a PDF becomes Markdown with its pages as headings, its lines joined and its lists kept", async () => {
  const { text } = await pdf([
    ["Turn the valve a quarter and wait. The sys-", "tem fills.", "", "", "• One # of *two*", "• Two"],
    [],
    ["# 12 is no heading", "and [this] no link"],
  ]);
  expect(text).toBe(
    [
      "## Page 1",
      "Turn the valve a quarter and wait. The system fills.",
      "- One # of \\*two\\*",
      "- Two",
      "## Page 3",
      "\\# 12 is no heading and \\[this\\] no link",
    ].join("\n\n"),
  );
});

test("a Word file becomes Markdown with its headings, lists and tables", async () => {
  const cell = (text: string) => `<w:tc>${paragraph(text)}</w:tc>`;
  const { text } = await docx(
    [
      paragraph("Bins", HEADING),
      paragraph("1. Not a list &amp; *plain*"),
      paragraph("Green", BULLET),
      paragraph("Brown", BULLET),
      `<w:tbl><w:tr>${cell("Bin")}${cell("Day")}</w:tr><w:tr>${cell("a|b")}${cell("Monday")}</w:tr></w:tbl>`,
    ].join(""),
  );
  expect(text).toBe(
    "# Bins\n\n1\\. Not a list & \\*plain\\*\n\n- Green\n- Brown\n\n| Bin | Day |\n| --- | --- |\n| a\\|b | Monday |",
  );
});

test("an upload takes them for what their names say, and keeps the name", async () => {
  const form = new FormData();
  form.set("title", "Boiler");
  form.set("file", new File([makePdf([["Press reset."]])], "boiler.PDF"));
  const uploader = { tenantId: "harbour", spend: async () => null };
  expect((await readUpload(form, uploader)).upload).toEqual({
    title: "Boiler",
    fileName: "boiler.PDF",
    mediaType: "text/markdown",
    body: "## Page 1\n\nPress reset.",
  });
  form.set("file", new File([makeDocx(paragraph("x ".repeat(10)))], "boiler.pdf"));
  expect((await readUpload(form, uploader)).faults?.file).toMatch(/^This is no PDF file/);
});

test.each([
  ["locked with a password", () => pdf([["secret"]], LOCKED), /locked with a password/],
  ["scanned", () => pdf([[], []]), /pictures of pages and no text.*OCR/],
  [
    "of 10,000 pages",
    () => pdf(Array.from({ length: 10_000 }, () => ["x"])),
    /10,000 pages; the most is 500/,
  ],
  ["no PDF", () => readPdf(new Uint8Array(100)), /no PDF file/],
])("a PDF that is %s is told so in words", async (_what, read, words) => {
  expect((await read()).fault).toMatch(words);
});

test.each([
  [
    "locked with a password",
    () => readDocx(Buffer.from("d0cf11e0a1b11ae1", "hex")),
    /locked with a password/,
  ],
  ["empty", () => docx(paragraph("")), /no text/],
  [
    "a bomb, whatever it says of its size",
    () => docx(paragraph("x"), { "word/media/image1.png": Buffer.alloc(41_000_000) }),
    /very much larger than it looks/,
  ],
  ["no Word file", () => readDocx(Buffer.from("PK\x03\x04 hello")), /no Word file/],
])("a Word file that is %s is told so in words", async (_what, read, words) => {
  expect((await read()).fault).toMatch(words);
});

test("a page that unpacks to hundreds of megabytes is stopped, and the process goes on meanwhile", async () => {
  const bounds = { processBytes: 250_000_000 };
  expect((await readFileText("harbour", { kind: "pdf", bytes: makePdf([["x"]]) }, bounds)).text).toMatch(/x/);
  const bytes = makePdf([deflateSync(Buffer.alloc(200_000_000, " "), { level: 1 })]);
  expect(bytes.length).toBeLessThan(3_000_000);
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const { fault } = await readFileText("harbour", { kind: "pdf", bytes }, bounds);
  clearInterval(timer);
  expect(fault).toMatch(/too much memory/);
  expect(turns).toBeGreaterThan(5);
});

test("what takes too long is stopped, and the next file has its turn", async () => {
  const bytes = makePdf([["Press reset."]]);
  const [late, next] = await Promise.all([
    readFileText("harbour", { kind: "pdf", bytes }, { timeMs: 1 }),
    readFileText("harbour", { kind: "pdf", bytes }),
  ]);
  expect(late.fault).toMatch(/takes too long/);
  expect(next.text).toMatch(/Press reset/);
});

test("of many files at once a company has two read or waiting, and all together five", async () => {
  const bytes = makePdf([["Press reset."]]);
  const companies = ["a", "a", "a", "b", "b", "c", "c"];
  const read = await Promise.all(
    companies.map((company) => readFileText(company, { kind: "pdf", bytes }, { timeMs: 1 })),
  );
  const isSentAway = read.map(({ fault }) => fault?.includes("try again in a minute"));
  expect(isSentAway).toEqual([false, false, true, false, false, false, true]);
  expect((await readFileText("a", { kind: "pdf", bytes })).text).toMatch(/Press reset/);
});

test("a file that is costly to read is counted before it is read, and a text once nothing is wrong with it", async () => {
  let spent = 0;
  const spend = async () => (spent++ === 0 ? null : { ok: false as const, error: "None is left." });
  const upload = (name: string, content: BlobPart) => {
    const form = new FormData();
    form.set("title", "Boiler");
    form.set("file", new File([content], name));
    return readUpload(form, { tenantId: "harbour", spend });
  };
  expect((await upload("latin.txt", new Uint8Array([0xff]))).faults?.file).toMatch(/UTF-8/);
  expect(spent).toBe(0);
  expect((await upload("scan.pdf", makePdf([[]]))).faults?.file).toMatch(/OCR/);
  expect(spent).toBe(1);
  expect(await upload("scan.pdf", makePdf([[]]))).toEqual({ usedUp: { ok: false, error: "None is left." } });
});

test("what Postgres does not keep is left out of a Word file: zeros, and halves of characters", async () => {
  const { text } = await docx(paragraph("Press&#0; and &#xD83D; hold"));
  expect(text).toBe("Press and \uFFFD hold");
});
