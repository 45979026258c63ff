import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { linkTree } from "./link-tree.ts";

const SOURCES = ["apps", "packages", "package.json", "package-lock.json", "tsconfig.base.json"];
/** Not copied: what is installed or built, and the developer's own settings. */
const NOT_SOURCES = /^(node_modules|\.next|\.env|\.env\..*|.*\.tsbuildinfo)$/;

/** A copy of the checkout that Next can build and run, in a temporary directory; what is installed is linked. */
export class CheckoutTree {
  readonly directory: string;

  constructor(root: string, prefix: string) {
    this.directory = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
    for (const name of SOURCES) {
      cpSync(join(root, name), join(this.directory, name), {
        recursive: true,
        filter: (source) => !NOT_SOURCES.test(basename(source)),
      });
    }
    for (const path of ["", ...workspaces(root)]) {
      const modules = join(root, path, "node_modules");
      if (existsSync(modules)) linkTree(modules, join(this.directory, path, "node_modules"));
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function workspaces(root: string): string[] {
  return ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
}
