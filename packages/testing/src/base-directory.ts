import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedPostgresError } from "./embedded-error.ts";

/** The checkout this file belongs to: the nearest directory above it whose package.json has workspaces. */
export function repositoryRoot(): string {
  const here = realpathSync(dirname(fileURLToPath(import.meta.url)));
  for (let path = here; path !== dirname(path); path = dirname(path)) {
    const manifest = join(path, "package.json");
    if (existsSync(manifest) && "workspaces" in JSON.parse(readFileSync(manifest, "utf8"))) return path;
  }
  return realpathSync(process.cwd());
}

/**
 * Where the embedded server keeps binaries and data: `.postgres/` in the checkout. Root's server runs
 * as another user, who may not be able to enter the checkout (root's home is 0700), so root's lies
 * under /var/lib, in a directory named after the checkout's path. EMBEDDED_POSTGRES_DIR puts it elsewhere.
 *
 * @param environment of the process that is meant, where it is not this one.
 */
export function defaultBaseDirectory(root = repositoryRoot(), environment = process.env): string {
  const { EMBEDDED_POSTGRES_DIR } = environment;
  if (EMBEDDED_POSTGRES_DIR) return resolve(EMBEDDED_POSTGRES_DIR);
  if (process.getuid?.() !== 0) return join(root, ".postgres");
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 10);
  return join("/var/lib/openhouse", `${basename(root)}-${hash}`);
}

/**
 * Makes the directory, and what is missing above it, so that others can enter: the mode that `mkdir`
 * takes is cut down by the umask, hence the explicit chmod.
 *
 * @returns its real path.
 * @throws {EmbeddedPostgresError} `POSTGRES_DIRECTORY`: it cannot be made.
 */
export function makeOpenDirectory(directory: string): string {
  try {
    const path = resolve(directory);
    const missing: string[] = [];
    for (let part = path; !existsSync(part); part = dirname(part)) missing.unshift(part);
    for (const part of missing) {
      makeDirectory(part);
      chmodSync(part, 0o755);
    }
    return realpathSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedPostgresError(
      "POSTGRES_DIRECTORY",
      `The embedded Postgres has no place for its files: ${reason}. Name another place with EMBEDDED_POSTGRES_DIR, or use another server (in OpenHouse: set DATABASE_URL).`,
      { cause: error },
    );
  }
}

/** Not mkdir's own recursion, which tries for ever where a file system says that what is above is missing. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error;
  }
}
