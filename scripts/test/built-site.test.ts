import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { siteFaults } from "../support/site/built-site.ts";

test("a built page with a link or a heading that is not there, or with anything from elsewhere, is told", () => {
  const folder = mkdtempSync(join(tmpdir(), "built-site-"));
  try {
    mkdirSync(join(folder, "guides"));
    writeFileSync(
      join(folder, "index.html"),
      `<link rel="stylesheet" href="/site.css"><h1 id="start">Start</h1>
       <a href="/guides/next.html#end">well</a> <a href="#start">well</a> <a href="https://example.com">well, nothing is fetched</a>
       <a href="/guides/gone.html">page</a> <a href="/guides/next.html#gone">heading</a>
       <script src="https://cdn.example.com/a.js"></script>`,
    );
    writeFileSync(join(folder, "guides/next.html"), `<h2 id="end">End</h2><a href="/">back</a>`);
    writeFileSync(join(folder, "site.css"), `@font-face { src: url("//fonts.example.com/a.woff2") }`);
    expect(siteFaults(folder)).toEqual([
      "index.html: /guides/gone.html leads nowhere",
      "index.html: /guides/next.html#gone leads nowhere",
      "index.html: https://cdn.example.com/a.js would be fetched from elsewhere",
      "site.css: //fonts.example.com/a.woff2 would be fetched from elsewhere",
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
