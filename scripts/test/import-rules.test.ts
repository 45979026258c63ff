import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";

/** A file that did not exist before, an import that it may not have, and the words that say where the code belongs. */
const FORBIDDEN = [
  ["packages/pool/src/config/new-file.ts", "../sizing/sizer.ts", "config/ reads and checks settings"],
  ["packages/pool/src/connection/new-file.ts", "../pool.ts", "connection/ is the life of one connection"],
  ["packages/pool/src/hosts/new-file.ts", "../connection/open.ts", "hosts/ knows several servers"],
  ["packages/pool/src/query/new-file.ts", "../acquire/checkout.ts", "query/ is one statement"],
  ["packages/pool/src/acquire/new-file.ts", "drizzle-orm", "Drizzle is known in drizzle/ only"],
  ["packages/pool/src/single-client/new-file.ts", "../connection/reset.ts", "single-client/ is what a fault"],
  ["packages/pool/src/errors/new-file.ts", "../telemetry/logger.ts", "errors/ imports nothing of the pool"],
  ["packages/pool/src/new-file.ts", "@openhouse/db/client", "nothing of OpenHouse"],
  ["packages/pool/src/new-entry.ts", "./drizzle/database.ts", "Only the entry point drizzle.ts"],
  ["packages/pool/src/transaction/new-file.ts", "../drizzle/database.ts", "transaction/ is what runs"],
  ["packages/db/src/new-file.ts", "../../web/src/page.ts", "pool <- db <- jobs, web <- apps"],
  ["packages/pool/src/scope/new-file.ts", "../connection/reset.ts", "scope/ is what tenants ask"],
  ["packages/pool/src/connection/new-scope.ts", "../scope/role-check.ts", "connection/ is the life"],
  ["packages/web/src/new-file.ts", "pg", "SQL belongs in packages/db"],
  ["packages/doctor/src/new-file.ts", "@openhouse/db/client", "nothing of OpenHouse"],
  ["packages/jobs/src/new-file.ts", "@openhouse/tooling/cli/main", "no product code imports them"],
  ["apps/tenant-portal/lib/new-file.ts", "../../developer-portal/lib/x.ts", "do not import each other"],
  ["apps/developer-portal/app/new-file.ts", "@openhouse/pool", "Portals reach the pool through"],
  ["loadtest/new-file.ts", "../bench/bench.ts", "belongs in tooling"],
] as const;
const ALLOWED = [
  ["packages/pool/test/allowed.ts", "@openhouse/tooling/faults/end"],
  ["packages/pool/src/connection/allowed.ts", "../query/client.ts"],
  ["packages/doctor/src/allowed.ts", "@openhouse/pool/tenants"],
  ["packages/db/src/allowed.ts", "@openhouse/pool/drizzle"],
  ["loadtest/allowed.ts", "@openhouse/tooling/cli/main"],
] as const;

let directory: string;
let report: string;

beforeAll(() => {
  const root = repositoryRoot();
  directory = mkdtempSync(join(tmpdir(), "openhouse-import-rules-"));
  for (const name of ["biome.json", "package.json", ".gitignore"])
    cpSync(join(root, name), join(directory, name));
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  for (const [file, specifier] of [...FORBIDDEN, ...ALLOWED]) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), `import "${specifier}";\n`);
  }
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const args = [
    biome,
    "lint",
    "--only=style/noRestrictedImports",
    "--max-diagnostics=none",
    "--reporter=github",
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  report = stdout + stderr;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each(FORBIDDEN)("%s may not import %s", (file, _specifier, words) => {
  const lines = report.split("\n").filter((line) => line.includes(`file=${file},`));
  expect(lines.join("\n") || report).toContain(words);
});

test.each(ALLOWED)("%s may import %s", (file) => {
  expect(report).not.toContain(`file=${file},`);
});
