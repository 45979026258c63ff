import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "@openhouse/doctor";
import { createTestDatabase, repositoryRoot } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "../support/matrix/project.ts";
import { packed } from "./support/packed.ts";

let directory: string;
let project: Project;
beforeAll(async () => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), "pack-doctor-test-"));
  const tarballOf = await packed("pack-doctor", directory);
  const cwd = join(directory, "project");
  mkdirSync(cwd);
  project = new Project(cwd, new AbortController().signal);
  await project.install(tarballOf("pool"), tarballOf("doctor"));
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("npx openhouse-doctor looks at a database in a project that has nothing of this checkout", async () => {
  const database = await createTestDatabase();
  try {
    const env = { DATABASE_URL: database.url };
    const { stdout, stderr } = await project.run("npx", ["openhouse-doctor", "--json"], env);
    expect(stderr).toBe("");
    const report: Report = JSON.parse(stdout);
    expect(report.findings.find(({ id }) => id === "connect")?.level).toBe("ok");
    expect(stdout).not.toContain(new URL(database.url).password);
  } finally {
    await database.drop();
  }
}, 60_000);

test("what is wrong is its exit code, and an argument that means nothing is refused without a stack", async () => {
  const away = { DATABASE_URL: "postgres://app:secret@127.0.0.1:1/none" };
  const sick = await project.run("npx", ["openhouse-doctor"], away);
  expect([sick.code, sick.stdout]).toEqual([1, expect.stringContaining("connection_refused")]);
  const refused = await project.run("npx", ["openhouse-doctor", "--jsno"], away);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/--jsno[\s\S]*openhouse-doctor \[--json\]/),
  ]);
  expect(refused.stderr).not.toMatch(/at .*\.js:/);
}, 60_000);

test("its types are there for who has checks of their own", async () => {
  const tsc = join(repositoryRoot(), "node_modules/typescript/bin/tsc");
  const program = `
    import { type Check, examine, ok, runDoctor } from "@openhouse/doctor";
    const own: Check = { id: "own", title: "own", why: "own", look: () => [ok("well")] };
    void [examine, runDoctor({ checks: [own] })];`;
  writeFileSync(project.path("program.ts"), program);
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--types", "", "program.ts"];
  const { stdout } = await project.run(process.execPath, [tsc, ...options]);
  expect(stdout).toBe("");
}, 60_000);
