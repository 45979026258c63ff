import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const SPECIFIER = /(?:^(?:import|export)\b[^;]*?\bfrom|^import|\bimport\s*\()\s*"([\w@./:-]+)"/gm;

/** What a source file of the pool imports, types counted, and what that imports, and so on. Paths are relative to the package. */
export function walkImports(entry: string): { files: string[]; packages: string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, specifier = ""] of readFileSync(join(PACKAGE, file), "utf8").matchAll(SPECIFIER)) {
      if (specifier.startsWith(".")) visit(relative(PACKAGE, join(PACKAGE, dirname(file), specifier)));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  };
  visit(relative(PACKAGE, join(PACKAGE, entry)));
  return { files: [...files].sort(), packages: [...packages].sort() };
}
