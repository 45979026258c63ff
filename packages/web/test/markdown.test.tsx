import { makeDocument, type SourceText } from "@openhouse/db/markdown/document";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { DocumentText } from "../src/ui/document-text.tsx";

const ID = "00000000-0000-4000-8000-000000000001";

/** The pages of a document as both portals show them, to somebody who comes for `passage`. */
function renderPages(source: Partial<SourceText>, passage: number | null = null) {
  const made = makeDocument({ title: "Title", mediaType: "text/markdown", body: "", ...source });
  const pages = made.pages.map(({ blocks }, index) => {
    const document = {
      id: ID,
      title: "Title",
      fileName: "title.md",
      mediaType: "text/markdown",
      byteSize: 1,
      createdAt: new Date(0),
      developmentId: ID,
      developmentName: "Coopers Quay",
      outline: made.outline,
      pageCount: made.pages.length,
      page: { number: index + 1, blocks: JSON.parse(blocks) },
      passage,
    } as const;
    return renderToStaticMarkup(<DocumentText document={document} />);
  });
  return { made, pages };
}

const render = (body: string, title = "Title") => renderPages({ title, body }).pages[0] ?? "";
const headings = (html: string) =>
  [...html.matchAll(/<(h\d)[^>]*>(.*?)<\/h\d>/g)].map(([, level, text]) => [level, text]);

test("HTML in a document is shown as text and never becomes an element", () => {
  const html = render(
    'before <script>alert(1)</script> <b onclick="x()">bold</b>\n\n<iframe src="https://evil.example"></iframe>',
  );
  expect(html).not.toMatch(/<(script|iframe|b)\b/);
  expect(html).toContain("&lt;script&gt;");
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "irc://irc.example/x",
  "https://yourportal.example@evil.example/",
])("a link to %s leads nowhere", (address) => {
  const html = render(`[press](${address})`);
  expect(html).toContain("<span>press</span>");
  expect(html).not.toContain("<a");
});

test.each(["https://evil.example/a", "//evil.example/a"])(
  "a link to %s names its host, and tells the page nothing",
  (address) => {
    const html = render(`[site](${address})`);
    expect(html).toMatch(
      /<a href="https:\/\/evil.example\/a" target="_blank" rel="noopener noreferrer nofollow"/,
    );
    expect(html).toContain("(evil.example, opens a new tab)");
  },
);

test("a link within the portal stays in the page, and one by reference is found", () => {
  expect(render("[home][x] and [y]\n\n[x]: /documents\n[X]: /other\n[y]: /y")).toMatch(
    /href="\/documents".*>home<.*href="\/y"/,
  );
});

test("pictures are left out, so that no other server learns who reads", () => {
  expect(render("![cat](https://evil.example/cat.png)")).not.toMatch(/img|evil/);
});

test("emphasis, lists and quotes become what they are", () => {
  const html = render("**strong** *em*\n\n- a\n- b\n\n3. three\n\n> quote");
  for (const element of ["<strong>strong</strong>", "<em>em</em>", "<ul", '<ol start="3"', "<blockquote"]) {
    expect(html).toContain(element);
  }
});

test("a table becomes one, with its columns' alignment, and what is in its cells stays harmless", () => {
  const html = render(
    "| Day | Bin | Price |\n|---|:-:|--:|\n| Tuesday | <b>green</b> [x](javascript:y) | 4.50 |",
  );
  expect(html.match(/<th [^>]*>[^<]*/g)?.map((cell) => cell.replace(/.*>/, ""))).toEqual([
    "Day",
    "Bin",
    "Price",
  ]);
  expect(html).toMatch(/<th scope="col"[^>]*text-left[^>]*>Day/);
  expect(html).toMatch(/<td [^>]*text-center[^>]*>&lt;b&gt;green/);
  expect(html).toMatch(/<td [^>]*text-right[^>]*>4.50/);
  expect(html).not.toMatch(/<b>|javascript|style=/);
});

test("an address in a text stays text", () => {
  expect(render("see https://example.com or www.example.com")).not.toContain("<a");
});

test("a first heading that repeats the page's title is left out and the next level takes its place", () => {
  expect(headings(render("# Heating\n\n## Radiators\n\n### Valves", "heating"))).toEqual([
    ["h2", "Radiators"],
    ["h3", "Valves"],
  ]);
});

test("headings always begin below the page's own, however deep the text begins", () => {
  expect(headings(render("# One\n\n## Two"))).toEqual([
    ["h2", "One"],
    ["h3", "Two"],
  ]);
  expect(headings(render("#### Deep\n\n##### Deeper"))).toEqual([
    ["h2", "Deep"],
    ["h3", "Deeper"],
  ]);
});

test("items of a loose list are paragraphs, those of a tight one are not", () => {
  expect(render("- a\n- b")).toMatch(/<li>a<\/li><li>b<\/li>/);
  expect(render("- a\n\n- b")).toMatch(/<li><p>a<\/p><\/li>/);
});

const hostile = (cells: number) =>
  `${"|a".repeat(cells)}|\n${"|-".repeat(cells)}|\n${"|\n".repeat(cells * 4)}`;

test.each([
  ["a table of a million cells", hostile(500)],
  ["quotes in quotes", ">".repeat(5_000)],
  ["emphasis in emphasis", `${"*a **b ".repeat(15)}${"b** a* ".repeat(15)}`],
  ["pictures in pictures", `${"![".repeat(2_000)}${"](x)".repeat(2_000)}`],
])("%s: is shown as the text it is", (_what, source) => {
  const html = render(source);
  expect(html).toMatch(/^<p [^>]*whitespace-pre-wrap/);
  expect(html).not.toMatch(/<(?!\/?p\b|\/?span\b|\/?nav\b|\/?a\b)/);
});

test("plain text keeps its lines and is not read as Markdown or HTML", () => {
  const { pages } = renderPages({ mediaType: "text/plain", body: "# no heading\n<b>no bold</b>" });
  expect(pages.join("")).toContain("# no heading\n&lt;b&gt;");
});

const chapter = (n: number) => `## Chapter ${n}\n\n${`Some words of chapter ${n}. `.repeat(300)}\n\n`;
const BOOK = `${Array.from({ length: 12 }, (_, n) => chapter(n + 1)).join("")}[Back](#chapter-1) [gone](#nowhere)\n`;

test("a long document is shown by pages, with a list of contents that leads to headings on their pages", () => {
  const { pages } = renderPages({ body: BOOK });
  expect(pages.length).toBeGreaterThan(3);
  for (const html of pages) expect(html.length).toBeLessThan(40_000);
  const entries = [...(pages[0] ?? "").matchAll(/<a href="\/documents\/[^"?#]*(?:\?page=(\d+))?#([^"]*)"/g)];
  expect(entries).toHaveLength(12);
  for (const [, page = "1", id] of entries) expect(pages[Number(page) - 1]).toContain(`<h2 id="${id}"`);
  for (const [index, html] of pages.entries())
    expect(html.includes("Next page")).toBe(index < pages.length - 1);
});

test("a link to a heading of the document leads to its page, one to nothing is text", () => {
  const last = renderPages({ body: BOOK }).pages.at(-1);
  expect(last).toMatch(new RegExp(`<a href="/documents/${ID}#h-chapter-1"[^>]*>Back</a> <span>gone</span>`));
});

test.each([
  ["Markdown", "text/markdown", BOOK],
  ["a long paragraph", "text/markdown", "A few words of it. ".repeat(4_000)],
  ["a long list", "text/markdown", "- an item that is long enough to make this list heavy\n".repeat(600)],
  ["plain text", "text/plain", "A line of plain text.\n".repeat(4_000)],
] as const)("every passage of %s is a place on the page that search leads to", (_what, mediaType, body) => {
  const { made, pages } = renderPages({ mediaType, body });
  expect(pages.length).toBeGreaterThan(1);
  for (const html of pages) expect(html.length).toBeLessThan(60_000);
  for (const passage of made.chunks.keys()) {
    const page = made.pages.findLastIndex(({ firstPassage }) => firstPassage <= passage);
    expect(pages[page], `passage ${passage}`).toContain(`id="passage-${passage}"`);
  }
});

const FOUND = /<(section|mark) (?:aria-label="What was found" )?class="[^"]*caution-soft[^"]*">(.*?)<\/\1>/s;
const found = (html = "") => FOUND.exec(html)?.[2] ?? "";

test("the passage that somebody comes for is marked, without its neighbours' headings", () => {
  const body = "Intro.\n\n## One\n\nFirst.\n\nMore of it.\n\n## Two\n\n### Deeper\n\nSecond.\n";
  const marked = (passage: number | null) => found(renderPages({ body }, passage).pages[0]);
  expect(marked(null)).toBe("");
  expect(marked(0)).toContain("<p>Intro.</p>");
  expect(marked(0)).not.toContain("One");
  expect(marked(1)).toContain("<p>First.</p><p>More of it.</p>");
  expect(marked(1)).not.toMatch(/Two|Deeper/);
  expect(marked(2)).toContain("<p>Second.</p>");
  expect(marked(99)).toBe("");
  expect(found(renderPages({ mediaType: "text/plain", body: "One line.\n" }, 0).pages[0])).toContain(
    "One line.",
  );
});

test("in a long document the passage is marked on its own page, and on no other", () => {
  const { made } = renderPages({ body: BOOK });
  const passage = made.chunks.findIndex(({ heading }) => heading === "Chapter 11");
  const { pages } = renderPages({ body: BOOK }, passage);
  expect(pages.map((html) => found(html) !== "").filter(Boolean)).toHaveLength(1);
  const page = made.pages.findLastIndex(({ firstPassage }) => firstPassage <= passage);
  expect(found(pages[page])).toContain("Some words of chapter 11.");
});
