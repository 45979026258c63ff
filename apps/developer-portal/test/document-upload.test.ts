import { expect, test } from "vitest";
import { FILE_NAME_FIELD, fileFault, MAX_UPLOAD_BYTES } from "../lib/document-file.ts";
import { readUpload as read, type Uploader } from "../lib/document-upload.ts";

const UPLOADER: Uploader = { tenantId: "harbour", spend: async () => null };
const readUpload = (sent: FormData) => read(sent, UPLOADER);

function form(title: string, fileName: string, content: string | Uint8Array<ArrayBuffer>): FormData {
  const data = new FormData();
  data.set("title", title);
  data.set("file", new File([content], fileName));
  return data;
}

test("a Markdown file becomes a document with its title trimmed", async () => {
  expect(await readUpload(form("  Heating ", "heating.MD", "# Heating\n\nWärme für alle"))).toEqual({
    upload: {
      title: "Heating",
      fileName: "heating.MD",
      mediaType: "text/markdown",
      body: "# Heating\n\nWärme für alle",
    },
  });
});

test("the type goes by the name, whatever the browser says", async () => {
  const data = new FormData();
  data.set("title", "Notes");
  data.set("file", new File(["hello"], "notes.txt", { type: "application/x-msdownload" }));
  expect((await readUpload(data)).upload?.mediaType).toBe("text/plain");
});

test("every fault is told at once", async () => {
  const { faults } = await readUpload(form("   ", "photo.png", "x"));
  expect(faults?.title).toMatch(/title/);
  expect(faults?.file).toMatch(/\.txt.*\.md/);
});

test("a form without a file says so", async () => {
  const data = new FormData();
  data.set("title", "Heating");
  expect((await readUpload(data)).faults).toEqual({ file: "Choose a file." });
});

test("a file input left empty arrives as a nameless file and says so", async () => {
  expect((await readUpload(form("Heating", "", ""))).faults).toEqual({ file: "Choose a file." });
});

test("1 MB is taken, one byte more is refused with both figures", async () => {
  const fits = await readUpload(form("Long", "long.txt", "x".repeat(MAX_UPLOAD_BYTES)));
  expect(fits.upload?.body).toHaveLength(MAX_UPLOAD_BYTES);
  expect(fileFault({ name: "long.txt", size: MAX_UPLOAD_BYTES + 1 })).toMatch(/1,000,001 bytes.*1,000,000/);
});

test.each([
  ["bytes that are not UTF-8", new Uint8Array([0xe9, 0x20, 0x41])],
  ["a NUL, which Postgres cannot store", "a\0b"],
])("%s are refused", async (_what, content) => {
  const { faults } = await readUpload(form("Binary", "binary.txt", content));
  expect(faults?.file).toMatch(/UTF-8/);
});

test("a file of white space is refused as empty", async () => {
  expect((await readUpload(form("Empty", "empty.txt", " \n\t"))).faults?.file).toMatch(/empty/);
});

test("a byte order mark is not part of the text", async () => {
  expect((await readUpload(form("Mark", "mark.txt", "\uFEFFhello"))).upload?.body).toBe("hello");
});

test("a title or a file's name with a character that nobody sees is refused with its number", async () => {
  const { faults } = await readUpload(form("Invoice \u202Efdp", "a\u200Bb.txt", "x"));
  expect(faults?.title).toMatch(/holds U\+202E, which cannot be seen/);
  expect(faults?.file).toMatch(/name holds U\+200B, which cannot be seen/);
  expect((await readUpload(form("a\0b", "a.txt", "x"))).faults?.title).toMatch(/U\+0000/);
});

test("a long file name is cut between characters", async () => {
  const { upload } = await readUpload(form("Long", `${"🏠".repeat(150)}x.txt`, "x"));
  expect(upload?.fileName).toMatch(/^(?:🏠){97}x\.txt$/u);
});

test("a title of more than 200 letters is refused", async () => {
  expect((await readUpload(form("x".repeat(201), "a.txt", "x"))).faults?.title).toMatch(/201/);
});

test("of a path only the file's own name is kept", async () => {
  expect((await readUpload(form("Path", "C:\\Users\\me\\notes.txt", "x"))).upload?.fileName).toBe(
    "notes.txt",
  );
});

test("Markdown beyond the budget is refused with what it is and where, and taken as text", async () => {
  const body = `Bins\n\n${"|a".repeat(41)}|\n${"|-".repeat(41)}|\n`;
  const { faults } = await readUpload(form("Bins", "bins.md", body));
  expect(faults?.file).toMatch(/^Line 4 has a table with more than 40 columns\. .*\.txt/);
  expect((await readUpload(form("Bins", "bins.txt", body))).faults).toBeUndefined();
});

test("a quote in a file's name, which browsers send as %22, is a quote again", async () => {
  expect((await readUpload(form("Quoted", "say %22hi%22.md", "x"))).upload?.fileName).toBe('say "hi".md');
  expect((await readUpload(form("Quoted", 'say "%22".md', "x"))).upload?.fileName).toBe('say "%22".md');
  expect((await readUpload(form("Broken", "a%0D%0Ab.md", "x"))).faults?.file).toMatch(/U\+000D/);
  expect((await readUpload(form("Percent", "50%25 off%2E.md", "x"))).upload?.fileName).toBe(
    "50%25 off%2E.md",
  );
});

test("a file's name that holds %22 stays as it is where the page has told it", async () => {
  const told = (sent: string, name: string) => {
    const data = form("Told", sent, "x");
    data.set(FILE_NAME_FIELD, name);
    return readUpload(data);
  };
  expect((await told("a%22b.md", "a%22b.md")).upload?.fileName).toBe("a%22b.md");
  expect((await told("a%22b.md", 'a"b.md')).upload?.fileName).toBe('a"b.md');
  expect((await told("a%22b.md", "another.md")).upload?.fileName).toBe('a"b.md');
});
