import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifestOf, packed } from "./support/packed.ts";
import { trackedFiles } from "./support/tracked-files.ts";

const FOLDERS = ["pool", "testing", "doctor"] as const;
type Folder = (typeof FOLDERS)[number];

let directory: string;
let tarballOf: (folder: Folder) => string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "packed-files-test-"));
  tarballOf = await packed("pack-packages", directory);
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What npm says that it would publish. */
function filesOf(folder: Folder): string[] {
  const args = ["pack", "--dry-run", "--json", tarballOf(folder)];
  const printed: unknown = JSON.parse(execFileSync("npm", args, { cwd: directory, encoding: "utf8" }));
  // npm prints a list of packages, or has them by name.
  const [{ files }] = Object.values(printed as object) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path).sort();
}

function textIn(folder: Folder, path: string): string {
  return execFileSync("tar", ["-xzOf", tarballOf(folder), `package/${path}`], { encoding: "utf8" });
}

/** Without `src/` and `.ts`. */
const sourcesOf = (folder: Folder) =>
  trackedFiles().flatMap((path) => path.match(`^packages/${folder}/src/(.+)\\.ts$`)?.[1] ?? []);

const PAGES = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];

test("@openhouse/pool is its sources, their declarations, and a file an entry point with what these import", () => {
  const files = filesOf("pool");
  const sources = sourcesOf("pool");
  const bundled = files.filter((path) => /^dist\/[^/]+\.js$/.test(path));
  expect(files).toEqual(
    [
      ...[...PAGES, "llms.txt"],
      ...sources.flatMap((name) => [`src/${name}.ts`, `dist/${name}.d.ts`, `dist/${name}.d.ts.map`]),
      ...bundled.flatMap((path) => [path, `${path}.map`]),
    ].sort(),
  );
  const entries = Object.values(manifestOf("pool").exports as object).map((source: string) =>
    source.replace("./src/", "dist/").replace(/\.ts$/, ".js"),
  );
  const reached = new Set(entries);
  for (const path of reached)
    for (const [, name] of textIn("pool", path).matchAll(/(?:from|import)\s*\(?"\.\/([\w.-]+\.js)"/g))
      reached.add(`dist/${name}`);
  expect(bundled).toEqual([...reached].sort());
});

test("@openhouse/pool-testing is its sources, and what the compiler makes of each", () => {
  const made = ["js", "js.map", "d.ts", "d.ts.map"];
  const files = sourcesOf("testing").flatMap((name) => [
    `src/${name}.ts`,
    ...made.map((ending) => `dist/${name}.${ending}`),
  ]);
  expect(filesOf("testing")).toEqual([...PAGES, ...files].sort());
});

test("@openhouse/doctor is what the compiler makes of each source", () => {
  const files = sourcesOf("doctor").flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]);
  expect(filesOf("doctor")).toEqual([...PAGES, ...files].sort());
});

test("what is published asks for nothing of this workspace but what is published with it, in the same version", () => {
  const published = Object.fromEntries(
    FOLDERS.map((folder) => [folder, JSON.parse(textIn(folder, "package.json"))]),
  );
  const { version } = published.pool;
  const names = FOLDERS.map((folder) => published[folder].name);
  for (const folder of FOLDERS) {
    const manifest = published[folder];
    const asked = { ...manifest.dependencies, ...manifest.peerDependencies };
    const ours = Object.entries(asked).filter(([name]) => name.startsWith("@openhouse/"));
    expect(ours.filter(([name, range]) => !names.includes(name) || range !== version)).toEqual([]);
    expect(manifest).toMatchObject({ version, publishConfig: { access: "public", provenance: true } });
    expect(manifest).not.toHaveProperty("private");
    expect(manifest).not.toHaveProperty("scripts");
    expect(manifest).not.toHaveProperty("devDependencies");
    expect(manifest.engines).toEqual(published.pool.engines);
    expect(textIn(folder, "CHANGELOG.md")).toContain(`## ${version}\n`);
  }
  expect(published.doctor.dependencies).toHaveProperty(["@openhouse/pool"]);
});

test("a project that has installed all three has one copy of each, and one of pg", () => {
  const cwd = mkdtempSync(join(directory, "project-"));
  const run = (...args: string[]) => execFileSync("npm", args, { cwd, encoding: "utf8" });
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  // Not the newest: who has another one in range is to keep it.
  run("install", ...flags, ...FOLDERS.map(tarballOf), "pg@8.22.0");
  const found = JSON.parse(run("query", "[name=pg], [name^='@openhouse/']")) as { location: string }[];
  expect(found.map(({ location }) => location).sort()).toEqual([
    "node_modules/@openhouse/doctor",
    "node_modules/@openhouse/pool",
    "node_modules/@openhouse/pool-testing",
    "node_modules/pg",
  ]);
}, 60_000);
