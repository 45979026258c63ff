import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { safeLink } from "../src/safe-link.ts";
import { AnswerText } from "../src/ui/answer-text.tsx";

const render = (source: string) => renderToStaticMarkup(<AnswerText source={source} />);

test.each([
  ["/documents/1?page=2#a", { kind: "inside", path: "/documents/1?page=2#a" }],
  [
    "https://council.example/bins",
    { kind: "outside", url: "https://council.example/bins", host: "council.example" },
  ],
  ["//evil.example/x", { kind: "outside", url: "https://evil.example/x", host: "evil.example" }],
  ["/\\evil.example", { kind: "outside", url: "https://evil.example/", host: "evil.example" }],
  ["\thttps://evil.example", { kind: "outside", url: "https://evil.example/", host: "evil.example" }],
])("%j leads where a browser would go", (address, link) => {
  expect(safeLink(address)).toEqual(link);
});

test.each([
  "javascript:alert(1)",
  "JAVA\tSCRIPT:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "blob:https://portal/x",
  "mailto:a@b.example",
  "https://yourportal.example@evil.example/",
  "/.//evil.example",
  "",
])("%j is no link", (address) => {
  expect(safeLink(address)).toBeNull();
  const html = render(`[press](<${address}>)`);
  expect(html).toContain("press");
  // Markdown escapes blanks in an address; what is left then is a path in the portal.
  expect(html).not.toMatch(/href="(?!\/)/);
});

test("a link elsewhere names its host and hands this page over to nobody", () => {
  const html = render("[Your developer](https://evil.example/x)");
  expect(html).toMatch(/rel="noopener noreferrer nofollow"/);
  expect(html).toContain("(evil.example, opens a new tab)");
});

test("HTML is shown as text, pictures are left out, and headings begin below the turn's own", () => {
  const html = render("# Big\n\n<script>alert(1)</script>\n\n![x](https://evil.example/x.png)");
  expect(html).toContain("&lt;script&gt;");
  expect(html).not.toMatch(/<(script|img|h1|h2)\b/);
  expect(html).toMatch(/<h3[^>]*>Big<\/h3>/);
});

test("an answer that is still arriving is rendered as far as it has come", () => {
  expect(render("**bo")).toContain("**bo");
  expect(render("- one\n- ")).toMatch(/<li>one<\/li>/);
});

test("an answer beyond the budget is shown as the text it is, within the same frame", () => {
  const html = render(`${"|a".repeat(120)}|\n${"|-".repeat(120)}|\n${"|\n".repeat(500)}`);
  expect(html).toMatch(/data-testid="answer-text"><p class="whitespace-pre-wrap">\|a\|a/);
  expect(html).not.toContain("<td");
});
