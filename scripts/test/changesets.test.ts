import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trackedFiles } from "./support/tracked-files.ts";

const PUBLISHED = ["pool", "testing", "doctor"];

/** The manifests and the changelogs of this checkout, as a repository of their own: of branches and tags here it knows nothing. */
let root: string;
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifestAt = (path: string) => JSON.parse(read(path));
const env = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" };
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const changeset = (...args: string[]) =>
  run(process.execPath, join(root, "node_modules/@changesets/cli/bin.js"), ...args);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "changesets-test-"));
  const kept = /(^|\/)package(-lock)?\.json$|(^|\/)CHANGELOG\.md$|^\.changeset\/config\.json$/;
  for (const path of trackedFiles().filter((path) => kept.test(path))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(repositoryRoot(), path), join(root, path));
  }
  run("git", "init", "--quiet", "--initial-branch", "main");
  run("git", "add", ".");
  const someone = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  run("git", ...someone, "commit", "--quiet", "--message", "all");
  symlinkSync(join(repositoryRoot(), "node_modules"), join(root, "node_modules"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a change of one published package raises all three, tells it in its changelog, and whoever asks for them follows", () => {
  const paths = trackedFiles().filter((path) =>
    /^(apps\/\w|packages\/\w|tooling)[\w-]*\/package\.json$/.test(path),
  );
  const before = new Map(paths.map((path) => [manifestAt(path).name, manifestAt(path).version]));
  writeFileSync(join(root, ".changeset/a-change.md"), '---\n"@openhouse/pool": minor\n---\n\nA change.\n');
  expect(changeset("status")).toMatch(/bumped at minor[\s\S]*@openhouse\/pool[\s\S]*@openhouse\/doctor/);
  changeset("version");

  const { version } = manifestAt("packages/pool/package.json");
  expect(version).not.toBe(before.get("@openhouse/pool"));
  const published = PUBLISHED.map((folder) => manifestAt(`packages/${folder}/package.json`).name);
  const expected = (name: string) => [name, published.includes(name) ? version : before.get(name)];
  for (const { name, version: own, dependencies, devDependencies } of paths.map(manifestAt)) {
    expect([name, own]).toEqual(expected(name));
    const asked = Object.entries({ ...dependencies, ...devDependencies });
    for (const [other, range] of asked.filter(([other]) => before.has(other)))
      expect([other, range]).toEqual(expected(other));
  }
  for (const folder of PUBLISHED)
    expect(read(`packages/${folder}/CHANGELOG.md`)).toMatch(/^# Changelog\n\n## [\d.]+\n[\s\S]*## 0\.1\.0\n/);
  expect(read("packages/pool/CHANGELOG.md")).toContain(`## ${version}\n\n### Minor Changes\n\n- A change.\n`);
  expect(readdirSync(join(root, ".changeset"))).toEqual(["config.json"]);
});
