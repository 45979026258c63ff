import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { UserError } from "../cli/user-error.ts";
import { runNext } from "./next-process.ts";
import type { Portal } from "./portals.ts";

const NOT_SOURCES = new Set([
  "node_modules",
  ".next",
  "dist",
  "test",
  "next-env.d.ts",
  "tsconfig.tsbuildinfo",
]);

/**
 * Builds a portal, unless its build is of the sources as they are now.
 *
 * @throws {UserError} the build failed; Next has said why.
 */
export async function ensureBuild(
  portal: Portal,
  say: (line: string) => void,
  aborted: AbortSignal,
): Promise<void> {
  // Taken in front of the build: what is edited while it runs makes it outdated.
  const sources = sourceFiles(portal);
  const fingerprint = fingerprintOf(sources);
  if (isCurrent(portal, sources, fingerprint)) return say("the build is current");

  const startedAt = performance.now();
  say("building; this takes half a minute");
  const build = await runNext(portal, ["build"], { ...process.env, NODE_ENV: "production" }, say);
  const onAbort = () => process.kill(build.pid, "SIGTERM");
  aborted.addEventListener("abort", onAbort, { once: true });
  const status = await build.exited;
  aborted.removeEventListener("abort", onAbort);
  aborted.throwIfAborted();
  if (status !== 0) throw new UserError(`The ${portal.title.toLowerCase()} could not be built; see above.`);
  writeFileSync(stampPath(portal), fingerprint);
  say(`built in ${Math.round((performance.now() - startedAt) / 1000)} s`);
}

function isCurrent(portal: Portal, sources: readonly string[], fingerprint: string): boolean {
  const buildId = join(portal.directory, ".next", "BUILD_ID");
  if (!existsSync(buildId)) return false;
  if (existsSync(stampPath(portal))) return readFileSync(stampPath(portal), "utf8") === fingerprint;
  // Built by `npm run build`, which leaves no stamp: the times have to do.
  const builtAtMs = statSync(buildId).mtimeMs;
  return sources.every((path) => statSync(path).mtimeMs < builtAtMs);
}

function stampPath(portal: Portal): string {
  return join(portal.directory, ".next", "openhouse-sources");
}

function fingerprintOf(sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of sources) {
    hash.update(relative(repositoryRoot(), path)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

function sourceFiles(portal: Portal): string[] {
  const root = repositoryRoot();
  const files = ["package-lock.json", "tsconfig.base.json"].map((name) => join(root, name));
  for (const directory of [portal.directory, join(root, "packages")]) walk(directory, files);
  return files.sort();
}

function walk(directory: string, files: string[]): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (NOT_SOURCES.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) walk(path, files);
    else if (entry.isFile()) files.push(path);
  }
}
