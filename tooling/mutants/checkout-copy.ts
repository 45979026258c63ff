import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Change, mutate } from "./mutant.ts";

/** The workspaces, which must lead to the copy: everything else in node_modules is the original's. */
const SCOPE = "@openhouse";

/** A copy of the checkout, the work tree as it stands, in which sources may be changed. */
export class CheckoutCopy {
  readonly directory: string;

  constructor(root: string, directory: string) {
    this.directory = directory;
    for (const path of sourceFiles(root)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      cpSync(join(root, path), join(directory, path));
    }
    linkModules(join(root, "node_modules"), join(directory, "node_modules"));
  }

  /** Has `work` find what was changed in the place of the sources. */
  async with<T>(changes: readonly Change[], work: () => Promise<T>): Promise<T> {
    const [first, ...others] = changes;
    if (first === undefined) return await work();
    const path = join(this.directory, first.file);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, mutate(source, first));
    try {
      return await this.with(others, work);
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What git tracks or would: no builds, no data, no secrets. */
function sourceFiles(root: string): string[] {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", list, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 }).split("\0");
  return paths.filter((path) => path !== "" && existsSync(join(root, path))); // one that was deleted is listed, too
}

function linkModules(from: string, to: string): void {
  mkdirSync(join(to, SCOPE), { recursive: true });
  for (const name of readdirSync(from)) {
    // Caches of tools are written to, and .bin holds links of its own.
    if (name !== SCOPE && (name === ".bin" || !name.startsWith(".")))
      symlinkSync(join(from, name), join(to, name));
  }
  cpSync(join(from, SCOPE), join(to, SCOPE), { recursive: true, verbatimSymlinks: true });
}
