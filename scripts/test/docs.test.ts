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
