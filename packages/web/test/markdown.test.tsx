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

test.each(["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"])(
  "a link to %s leads nowhere",
  (address) => {
    expect(render(`[press](${address})`)).toMatch(/<a href=""/);
  },
);

test("a link to a page stays one and tells the page nothing", () => {
  expect(render("[site](https://example.com/a)")).toMatch(
    /<a href="https:\/\/example.com\/a" rel="noreferrer nofollow"/,
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

test("plain text keeps its lines and is not read as Markdown or HTML", () => {
  const html = renderToStaticMarkup(<PlainText source={"# no heading\n<b>no bold</b>"} />);
  expect(html).toContain("# no heading\n&lt;b&gt;");
});
