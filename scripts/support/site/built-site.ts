import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What is wrong with the pages that were built: links within the site that lead to no page, or to no heading of it, and what a
 * browser would fetch from elsewhere.
 */
export function siteFaults(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const pages = files.filter((file) => file.endsWith(".html"));
  const ids = new Map(pages.map((page) => [page, new Set(found(read(page), /\sid="([^"]+)"/g))]));

  const broken = pages.flatMap((page) =>
    found(read(page), /\shref="([^"]+)"/g)
      .filter((href) => href.startsWith("/") || href.startsWith("#"))
      .filter((href) => {
        const [path = "", anchor] = decodeURI(href).replaceAll("&amp;", "&").split("#");
        const file = path === "" ? page : path.slice(1).replace(/(^|\/)$/, "$1index.html");
        if (!existsSync(join(folder, file))) return true;
        return anchor !== undefined && anchor !== "" && ids.get(file)?.has(anchor) !== true;
      })
      .map((href) => `${page}: ${href} leads nowhere`),
  );
  const fetched = [...pages, ...files.filter((file) => file.endsWith(".css"))].flatMap((file) =>
    found(
      read(file),
      /(?:<(?:script|img|iframe)[^>]*\ssrc="|<link[^>]*\shref="|url\(["']?)((?:https?:)?\/\/[^"')]+)/g,
    ).map((url) => `${file}: ${url} would be fetched from elsewhere`),
  );
  return [...new Set([...broken, ...fetched])];
}

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, group = ""]) => group);
