import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "@openhouse/pool-testing";

const run = promisify(execFile);
const EXAMPLES = join(repositoryRoot(), "examples");
const INSTALL_FLAGS = [
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  "--ignore-scripts",
];

/** What keeps the programs of an example from asking servers of their makers. */
export const EXAMPLE_ENVIRONMENT: Readonly<Record<string, string>> = {
  // `prisma generate` needs no schema engine, and would download one unless it is told of one.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: "1",
  CHECKPOINT_DISABLE: "1",
  NEXT_TELEMETRY_DISABLED: "1",
};

/** The examples, by the names of their folders. */
export function exampleNames(): string[] {
  return readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, "package.json")));
}

/**
 * Installs an example outside the checkout, with the package from a tarball instead of from the registry.
 *
 * @param directory in which it becomes a folder of its own name.
 * @returns that folder's path.
 */
export async function installExample(name: string, directory: string, tarball: string): Promise<string> {
  const cwd = join(directory, name);
  cpSync(join(EXAMPLES, name), cwd, { recursive: true });
  await run("npm", ["install", ...INSTALL_FLAGS, tarball], { cwd });
  return cwd;
}
