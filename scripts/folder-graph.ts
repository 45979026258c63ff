// Prints which folder of the pool imports which, types counted, and fails where that is a circle.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";

const SOURCES = "packages/pool/src";
const SPECIFIER = /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

await main(async () => {
  refuseArguments("node --import tsx scripts/folder-graph.ts");
  const imports = readImports(join(repositoryRoot(), SOURCES));
  const order = sortByLayer(imports);
  const rows = order.folders.map((folder) => [
    folder,
    [...(imports.get(folder) ?? [])].sort().join(" ") || "-",
  ]);
  console.log(table(["folder", "imports"], rows));
  if (order.circle.length === 0) {
    console.log(`\n${order.folders.length} folders, no circle`);
    return 0;
  }
  console.error(`\nA circle runs through ${order.circle.join(", ")}.`);
  return 1;
});

/** Folder to folders; the files of the top level count as the folder "(root)". */
function readImports(sources: string): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const entry of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts")) continue;
    const folder = folderOf(entry);
    const targets = imports.get(folder) ?? new Set();
    imports.set(folder, targets);
    for (const [, specifier = ""] of readFileSync(join(sources, entry), "utf8").matchAll(SPECIFIER)) {
      const target = folderOf(normalize(join(dirname(entry), specifier)));
      if (target !== folder) targets.add(target);
    }
  }
  return imports;
}

function folderOf(path: string): string {
  return path.includes("/") ? (path.split("/")[0] ?? "") : "(root)";
}

/** Takes off whatever nobody left imports, top first. What cannot be taken off is, or leads to, a circle. */
function sortByLayer(imports: ReadonlyMap<string, ReadonlySet<string>>): {
  folders: string[];
  circle: string[];
} {
  const folders: string[] = [];
  let left = [...imports.keys()].sort();
  for (;;) {
    const top = left.filter((folder) => left.every((other) => !imports.get(other)?.has(folder)));
    if (top.length === 0) return { folders: [...folders, ...left], circle: left };
    folders.push(...top);
    left = left.filter((folder) => !top.includes(folder));
  }
}
