import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

/** What a test needs: nothing but the sources, a build of its own or a command, a browser. */
export type AttackTestKind = "usual" | "system" | "browser";

const SYSTEM = ["packages/web/test/portal.test.ts", "scripts/test/database-scripts.test.ts"];

/** The files of tests that docs/SECURITY.md names, so that what it promises is what is run. */
export function attackTests(kind: AttackTestKind): string[] {
  const page = readFileSync(join(repositoryRoot(), "docs/SECURITY.md"), "utf8");
  const named = page.matchAll(/`((?:packages|apps|scripts|e2e)\/[\w./-]+\.test\.tsx?)`/g);
  const files = [...new Set([...named].map(([, path = ""]) => path))].sort();
  return files
    .filter((path) => kindOf(path) === kind)
    .map((path) => (kind === "browser" ? path.slice("e2e/".length) : path));
}

function kindOf(path: string): AttackTestKind {
  if (path.startsWith("e2e/")) return "browser";
  return SYSTEM.includes(path) ? "system" : "usual";
}
