import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { attackTests } from "./support/attack-tests.ts";

const USAGE = `npm run test:security -- [--system] [--browser]
  The attacks: every test that docs/SECURITY.md names. Each is a part of another command as well, which CI runs.
  --system   those instead that build a portal or run a command
  --browser  those instead that need a browser; npm run build first`;

await main(async () => {
  const { values } = readArguments(USAGE, {
    options: { system: { type: "boolean" }, browser: { type: "boolean" } },
  });
  const kind = values.browser ? "browser" : values.system ? "system" : "usual";
  const config = kind === "browser" ? ["--config", "e2e/vitest.config.ts"] : [];
  const project = { usual: ["--project", "!system"], system: ["--project", "system"], browser: [] }[kind];
  return vitest(["run", ...config, ...project, ...attackTests(kind)]);
});

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
