import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository: pages are its Markdown files where they stand, and no copies of them. */
export const ROOT = join(import.meta.dirname, "../..");

interface Group {
  readonly text: string;
  /** Files, or folders of which every page is listed. In this order; what a folder has beyond follows by its name. */
  readonly pages: readonly string[];
  readonly isCollapsed?: boolean;
}

const GROUPS: readonly Group[] = [
  { text: "Start", pages: ["packages/pool/README.md", "packages/pool/CHANGELOG.md"] },
  { text: "Concepts", pages: ["docs/concepts"] },
  { text: "Guides", pages: ["docs/guides", "docs/round-trips.md"] },
  { text: "Examples", pages: ["examples"] },
  {
    text: "Reference",
    pages: ["docs/api.md", "site/reference", "docs/PG_POOL_DIFFERENCES.md", "docs/SINGLE_CLIENT.md"],
  },
  {
    text: "Operating",
    pages: ["docs/operating/settings.md", "docs/operating/deploying.md", "docs/operating"],
  },
  {
    text: "What was tried",
    pages: ["docs/FAULTS.md", "docs/BENCHMARKS.md", "docs/load-tests.md", "docs/SCALE.md", "docs/matrix.md"],
  },
  { text: "How it is built", pages: ["docs/ARCHITECTURE.md", "docs/SECURITY.md", "CONTRIBUTING.md"] },
  { text: "The portals", pages: ["docs/portals"], isCollapsed: true },
  { text: "More", pages: ["docs"], isCollapsed: true },
];

/** Where a page is on the site, by its file in the repository. */
const PLACES: Readonly<Record<string, string>> = {
  "packages/pool/README.md": "index.md",
  "packages/pool/CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
};

/** Files of the repository that are pages of the site, with their places there. */
export const pages: ReadonlyMap<string, string> = new Map(
  GROUPS.flatMap((group) => group.pages)
    .flatMap((path) => filesOf(path))
    .map((file) => [file, placeOf(file)]),
);

function placeOf(file: string): string {
  const place = PLACES[file] ?? file.replace(/^(docs|site)\//, "");
  return place.replace(/\/README\.md$/, ".md");
}

/** The page itself, or every page below a folder. */
function filesOf(path: string): string[] {
  if (path.endsWith(".md")) return [path];
  if (!existsSync(join(ROOT, path))) return [];
  const below = readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" });
  return below
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => `${path}/${name}`);
}

/** Patterns of the Markdown that is no page of the site. */
export function leftOut(): string[] {
  const isUsed = (path: string) =>
    [...pages.keys()].some((file) => file === path || file.startsWith(`${path}/`));
  const unused = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
      const path = join(folder, entry.name);
      if (!isUsed(path)) return entry.isDirectory() ? [`${path}/**`] : path.endsWith(".md") ? [path] : [];
      return entry.isDirectory() ? unused(path) : [];
    });
  return unused("");
}

interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: Item[];
  readonly collapsed?: boolean;
}

/** A new page of a folder appears by itself. */
export function sidebar(): Item[] {
  const listed = new Set<string>();
  return GROUPS.map(({ text, pages: paths, isCollapsed }) => {
    const files = paths.flatMap((path) => itemsOf(path, listed));
    return { text, items: files, ...(isCollapsed === undefined ? {} : { collapsed: isCollapsed }) };
  }).filter(({ items }) => items.length > 0);
}

function itemsOf(path: string, listed: Set<string>): Item[] {
  if (path === "site/reference") return entryPoints(path, listed);
  const files = filesOf(path).filter((file) => !listed.has(file));
  for (const file of files) listed.add(file);
  return files.map(itemOf).sort(path.endsWith(".md") ? () => 0 : byText);
}

/** What TypeDoc has made: an entry point of the package each. */
function entryPoints(path: string, listed: Set<string>): Item[] {
  for (const file of filesOf(path)) listed.add(file);
  const entries = filesOf(path).filter((file) => /^site\/reference\/[^/]+\/index\.md$/.test(file));
  const items = entries.map((file) => {
    const name = file.split("/")[2] ?? "";
    const text = name === "index" ? "@openhouse/pool" : `@openhouse/pool/${name}`;
    return { text, link: linkTo(placeOf(file)) };
  });
  return items.length === 0 ? [] : [{ text: "By entry point", items: items.sort(byText), collapsed: false }];
}

const byText = (one: Item, other: Item) => one.text.localeCompare(other.text);

function itemOf(file: string): Item {
  const heading = /^# (.+)$/m.exec(readFileSync(join(ROOT, file), "utf8"))?.[1] ?? file;
  return { text: heading.replaceAll("`", ""), link: linkTo(placeOf(file)) };
}

export const linkTo = (place: string) => `/${place.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`;
