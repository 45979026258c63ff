import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

/** What a test needs: nothing but the sources, a build of its own or a command, a browser. */
export type AttackTestKind = "usual" | "system" | "browser";

/** A row of what an attacker can try. */
export interface Attack {
  readonly attack: string;
  readonly stoppedBy: string;
  readonly tests: readonly AttackTest[];
}

export interface AttackTest {
  /** As the page calls it. */
  readonly name: string;
  /** From the repository's root. */
  readonly path: string;
}

const SYSTEM = ["packages/web/test/portal.test.ts", "scripts/test/database-scripts.test.ts"];

const readPage = () => readFileSync(join(repositoryRoot(), "docs/SECURITY.md"), "utf8");

/** The files of tests that docs/SECURITY.md names, so that what it promises is what is run. */
export function attackTests(kind: AttackTestKind): string[] {
  const files = [...new Set(namedTests(readPage()).map(({ path }) => path))].sort();
  return files
    .filter((path) => kindOf(path) === kind)
    .map((path) => (kind === "browser" ? path.slice("e2e/".length) : path));
}

/**
 * The attacks of docs/SECURITY.md, with the tests that try each.
 *
 * @throws {Error} one names no test, or one that the list of tests has not.
 */
export function readAttacks(page = readPage()): Attack[] {
  const tests = new Map(namedTests(page).map((test) => [test.name, test]));
  const table = /## What an attacker can try\n+\|.*\n\|.*\n((?:\|.*\n)+)/.exec(page)?.[1] ?? "";
  return table
    .trim()
    .split("\n")
    .map((row) => {
      const [, attack = "", stoppedBy = "", names = ""] = row.split("|").map((cell) => cell.trim());
      const found = [...names.matchAll(/\*\*([\w-]+)\*\*/g)].map(([, name = ""]) => tests.get(name) ?? name);
      const known = found.filter((test) => typeof test !== "string");
      if (known.length === 0 || known.length < found.length)
        throw new Error(`docs/SECURITY.md: no such test for "${attack}": ${names}`);
      return { attack, stoppedBy, tests: known };
    });
}

function namedTests(page: string): AttackTest[] {
  const rows = page.matchAll(/^\| ([\w-]+) \| `((?:packages|apps|scripts|e2e)\/[\w./-]+\.test\.tsx?)` \|$/gm);
  return [...rows].map(([, name = "", path = ""]) => ({ name, path }));
}

export function kindOf(path: string): AttackTestKind {
  if (path.startsWith("e2e/")) return "browser";
  return SYSTEM.includes(path) ? "system" : "usual";
}
