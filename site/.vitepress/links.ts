import { dirname, join, relative } from "node:path";
import type { MarkdownEnv, MarkdownRenderer } from "vitepress";
import { linkTo, pages, ROOT } from "./pages.ts";

/** Where the repository's files can be read, such as `https://example.com/repository/blob/main/`. Without it they are no links. */
const SOURCES = process.env.SITE_SOURCES_URL;

/** Heads have the anchors that the repository's pages link to: those that GitHub makes. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * Links of a page lead from its file in the repository to another one. To a page of the site they become links to that page, and
 * VitePress refuses one that is not there; to any other file they become links to the sources, or text.
 */
export function mapLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("map-links", ({ tokens, env }) => {
    const { realPath, path } = env as MarkdownEnv;
    const folder = dirname(realPath ?? path);
    for (const { children } of tokens) {
      let isText = false;
      for (const token of children ?? []) {
        if (token.type === "link_close" && isText) {
          Object.assign(token, { type: "text", tag: "", nesting: 0, content: "" });
          isText = false;
        }
        const href = token.type === "link_open" ? token.attrGet("href") : null;
        if (href === null || /^([a-z][a-z0-9+.-]*:|#)/i.test(href)) continue;
        const target = targetOf(href, folder);
        if (target === undefined) {
          Object.assign(token, { type: "text", tag: "", nesting: 0, content: "" });
          isText = true;
        } else token.attrSet("href", target);
      }
    }
  });
}

function targetOf(href: string, folder: string): string | undefined {
  const [path = "", hash] = href.split("#");
  const file = relative(ROOT, join(folder, decodeURI(path)));
  const place = pages.get(file);
  const anchor = hash === undefined ? "" : `#${hash}`;
  if (place !== undefined) return `${linkTo(place)}${anchor}`;
  return SOURCES === undefined ? undefined : `${SOURCES}${file}${anchor}`;
}
