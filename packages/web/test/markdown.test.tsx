import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Markdown, PlainText } from "../src/ui/markdown.tsx";

const render = (source: string, title = "Title") =>
  renderToStaticMarkup(<Markdown source={source} title={title} />);
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
  expect(html.match(/</g)).toHaveLength(2);
});

test("plain text keeps its lines and is not read as Markdown or HTML", () => {
  const html = renderToStaticMarkup(<PlainText source={"# no heading\n<b>no bold</b>"} />);
  expect(html).toContain("# no heading\n&lt;b&gt;");
});
