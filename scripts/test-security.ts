import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { attackReport, type Tried, type TriedByFile } from "./support/attack-report.ts";
import { attackTests, readAttacks } from "./support/attack-tests.ts";

const USAGE = `npm run test:security -- [--system] [--browser] [--list]
  The attacks: every test that docs/SECURITY.md names, and then attack by attack what was tried and what came of it. Each test is a
  part of another command as well, which CI runs.
  --system   those instead that build a portal or run a command
  --browser  those instead that need a browser; npm run build first
  --list     every try by its name`;

await main(async () => {
  const { values } = readArguments(USAGE, {
    options: { system: { type: "boolean" }, browser: { type: "boolean" }, list: { type: "boolean" } },
  });
  const kind = values.browser ? "browser" : values.system ? "system" : "usual";
  const attacks = readAttacks();
  const config = kind === "browser" ? ["--config", "e2e/vitest.config.ts"] : [];
  const project = { usual: ["--project", "!system"], system: ["--project", "system"], browser: [] }[kind];
  const directory = mkdtempSync(join(tmpdir(), "openhouse-attacks-"));
  try {
    const results = join(directory, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
    const code = await vitest(["run", ...config, ...project, ...reporters, ...attackTests(kind)]);
    console.log(`\n${attackReport(attacks, readResults(results), { kind, lists: values.list ?? false })}\n`);
    return code;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** @returns nothing where Vitest has ended before it wrote any. */
function readResults(path: string): TriedByFile {
  if (!existsSync(path)) return new Map();
  interface Results {
    readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly Tried[] }[];
  }
  const { testResults }: Results = JSON.parse(readFileSync(path, "utf8"));
  return new Map(
    testResults.map(({ name, assertionResults }) => [relative(repositoryRoot(), name), assertionResults]),
  );
}

/** @returns its exit code. */
function vitest(args: readonly string[]): Promise<number> {
  const root = repositoryRoot();
  const command = join(createRequire(import.meta.url).resolve("vitest/package.json"), "../vitest.mjs");
  const child = spawn(process.execPath, [command, ...args], { cwd: root, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
