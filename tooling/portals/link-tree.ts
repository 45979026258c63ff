import { copyFileSync, linkSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * A second tree of hard links to the same files: 30,000 of them in a second, in the space of their names. Turbopack
 * refuses a symbolic link that leads out of its root. Symbolic links inside are kept; entries of the top level
 * that begin with a dot, caches of tools, are left out. Where the target is another file system, files are copied.
 */
export function linkTree(from: string, to: string): void {
  linkEntries(from, to, (name) => !name.startsWith("."));
}

function linkEntries(from: string, to: string, wanted: (name: string) => boolean): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!wanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkEntries(source, target, () => true);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkFile(source, target);
  }
}

function linkFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "EMLINK") throw error;
    copyFileSync(source, target);
  }
}
