import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { trackedFiles } from "./support/tracked-files.ts";

const root = repositoryRoot();
const read = (path: string) => readFileSync(join(root, path), "utf8");
const files = trackedFiles();
const pages = files.filter((path) => path.endsWith(".md") && !path.includes("/seed-data/"));
const code = files.filter(
  (path) => /\.(tsx?|mjs|json)$|^\.env\.example$|^\.ci\//.test(path) && !/package-lock/.test(path),
);
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (path: string) => matches(read(path), /^#{1,6} (.+)$/gm).map(anchorOf);

const isThere = (path: string) => existsSync(join(root, path));

test("every relative link of a page leads to a file, and to a heading of it", () => {
  const broken = pages.flatMap((page) =>
    matches(read(page), /\]\(([^)\s]+)\)/g)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? page : normalize(join(dirname(page), path));
        return !isThere(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every file that a page names is there", () => {
  const named = /`((?:[\w@.[\]()-]+\/)*[\w.[\]()-]+\.(?:tsx?|mjs|json|md|svg))`/g;
  const broken = pages.flatMap((page) =>
    matches(read(page), named)
      .filter((name) => !name.includes("/results/")) // what runs leave behind is not kept
      .filter((name) => !files.some((path) => path === name || path.endsWith(`/${name}`)))
      .map((name) => `${page}: ${name}`),
  );
  expect(broken).toEqual([]);
});

test("every page that code and --help cite is there", () => {
  const broken = code.flatMap((path) =>
    matches(read(path), /((?:docs\/[\w/-]+|\b[A-Z][A-Z_]+)\.md)\b/g)
      .filter((page) => !["", "docs/", "packages/pool/"].some((folder) => isThere(`${folder}${page}`)))
      .map((page) => `${path}: ${page}`),
  );
  expect(broken).toEqual([]);
});

test("every npm script is in CONTRIBUTING.md, and every one that is named exists", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const contributing = read("CONTRIBUTING.md");
  const unnamed = scripts.filter((name) => !new RegExp(`\`(npm (run )?)?${name}[ \`]`).test(contributing));
  expect(unnamed).toEqual([]);
  const unknown = [...pages, ...code].flatMap((path) =>
    matches(read(path), /npm run (\w[\w:-]*\w)/g)
      .filter((name) => !scripts.includes(name) && name !== "loadtest")
      .map((name) => `${path}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test("docs/api.md names everything that the pool's entry points and the database's client export", async () => {
  const page = read("docs/api.md");
  const { exports: entries } = JSON.parse(read("packages/pool/package.json"));
  const modules = [
    ...Object.keys(entries).map((entry) => join("@openhouse/pool", entry)),
    "@openhouse/db/client",
  ];
  const exported = await Promise.all(modules.map(async (name) => Object.keys(await import(name))));
  const unnamed = exported.flat().filter((name) => !new RegExp(`\\b${name}\\b`).test(page));
  expect(unnamed).toEqual([]);
  expect(modules.filter((name) => !page.includes(name))).toEqual([]);
});

/** What stands between two texts of a file. */
function between(path: string, from: string, to: string): string {
  const [, rest] = read(path).split(from);
  const found = rest?.split(to);
  if (found?.[0] === undefined || found.length === 1)
    throw new Error(`${path} has nothing between "${from}" and "${to}"`);
  return found[0];
}
const inPool = (path: string) => `packages/pool/src/${path}`;
const wordsOf = (text: string) => matches(text, /(\w+)/g);
const quotedIn = (text: string) => matches(text, /`([\w@./-]+)`/g);
/** The keys of a type, or of a table, in the sources of the pool. */
const keysOf = (path: string, before: string) =>
  matches(between(inPool(path), `export ${before}`, "\n}"), /^ {2}(?:readonly )?(\w+)\??: /gm);
/** The names in the braces that follow. */
const shapeIn = (page: string, before: string) => wordsOf(between(page, `${before}{ `, " }"));

function dependencies(): string[] {
  const packages = files.filter((path) => /^((packages|apps)\/[^/]+\/|tooling\/)?package\.json$/.test(path));
  const named = packages.flatMap((path) => {
    const { dependencies, devDependencies } = JSON.parse(read(path));
    return Object.keys({ ...dependencies, ...devDependencies });
  });
  return named.filter((name) => !/^@(openhouse|types)\//.test(name));
}

const API = "docs/api.md";
/** Each as a page has it, and as the code has it. */
const LISTS: Record<string, [page: () => string[], code: () => string[]]> = {
  "the pool's events": [
    () => quotedIn(between(API, "`pool.events` emits ", "each with one object")),
    () => keysOf("events.ts", "interface PoolEvents"),
  ],
  "the pool's options": [
    () =>
      matches(
        between(API, "| option | default |", "\n\n"),
        /(?:^\| |; )`(\w+)`(?= \| | is another name of it)/gm,
      ),
    () => [
      ...keysOf("config/options.ts", "interface PoolOptions"),
      ...keysOf("config/options.ts", "const OPTION_BOUNDS"),
      ...keysOf("config/sign-in.ts", "interface SignInOptions"),
      ...keysOf("config/session-target.ts", "interface HostsOptions"),
    ],
  ],
  "the pool's figures of all time": [
    () => quotedIn(between(API, "`getTotals()`: ", "A histogram holds")),
    () => [
      ...keysOf("telemetry/stats.ts", "interface PoolTotals"),
      ...keysOf("telemetry/stats.ts", "interface StatementTotals"),
      "route", // the option, which says what `routes` are
    ],
  ],
  "what a health check tells": [
    () => shapeIn(API, "| `healthCheck()` | `"),
    () => keysOf("health/probe.ts", "interface HealthReport"),
  ],
  "a health probe's options": [
    () => shapeIn(API, "new HealthProbe(() => new Client(options), ask?, "),
    () => keysOf("health/probe.ts", "interface ProbeOptions"),
  ],
  "a connection budget's options": [
    () => shapeIn(API, "new ConnectionBudget("),
    () => keysOf("health/connection-budget.ts", "interface ConnectionBudgetOptions"),
  ],
  "what a scope sends in one flight": [
    () => matches(between(API, "What is none of ", ", and a text"), /([A-Z]+)/g),
    () => wordsOf(between(inPool("sql/misplaced-statement.ts"), "STAYS = /^(", ")$/").toUpperCase()),
  ],
  "the parts of .ci/long": [
    () => matches(between("CONTRIBUTING.md", "`.ci/long` is", "\n## "), /`([\w-]+)`(?=(?:, `[\w-]+`)*:)/g),
    () => between(".ci/long", "\nall=(", ")").split(" "),
  ],
  "how many works the bench has": [
    () =>
      ["CONTRIBUTING.md", "docs/BENCHMARKS.md"].map(
        (page) => matches(read(page), /\b(\d+) works\b/g)[0] ?? page,
      ),
    () => [String(new Set(matches(read("bench/work/index.ts"), /"\.\/(\d+)\w*-/g)).size)],
  ],
  "what the packages depend on": [
    () => {
      const named = new Set(
        quotedIn(between("docs/ARCHITECTURE.md", "## Dependencies\n", "\n\nWhat we wrote")),
      );
      return dependencies().filter((name) => named.has(name) || named.has(name.replace(/^@.+\//, "")));
    },
    dependencies,
  ],
};

test.each(Object.entries(LISTS))("%s: a page and the code have the same", (_what, [page, code]) => {
  const asList = (names: string[]) => [...new Set(names)].sort();
  expect(asList(page())).toEqual(asList(code()));
});
