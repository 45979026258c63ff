import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/user-error.ts";

/** The pool's faults, and the attacks on the portals. */
const FOLDERS = ["packages/pool/test/faults", "packages/web/test/attacks"] as const;
const SUFFIX = ".mutants.json";

/** A mechanism taken out of the source. */
export interface Change {
  /** Paths are relative to the root of the repository. */
  readonly file: string;
  /** Occurs once in the file. */
  readonly search: string;
  readonly replace: string;
}

/** One, and the test that is to notice. */
export interface Mutant extends Change {
  /** The fault of docs/FAULTS.md that the mechanism is there for, or a group of attacks of docs/SECURITY.md. */
  readonly fault: string;
  /** What the source does without the mechanism. */
  readonly name: string;
  readonly test: string;
}

/** A fault's `<fault>.mutants.json`: by source file; the test is `<fault>.test.ts` beside it where none is named. */
type MutantsOfFault = Record<string, (Pick<Mutant, "name" | "search" | "replace"> & { test?: string })[]>;

/**
 * Reads every mutant of the checkout, fault by fault.
 *
 * @throws {UserError} listing all that are malformed, or whose text is no longer in the source, or not only once.
 */
export function readMutants(root: string): Mutant[] {
  const problems: string[] = [];
  const mutants = FOLDERS.flatMap((folder) => readFolder(root, folder));
  for (const mutant of mutants) {
    const problem = problemOf(root, mutant);
    if (problem !== undefined) problems.push(`${mutant.fault}${SUFFIX}, "${mutant.name}": ${problem}`);
  }
  if (problems.length > 0)
    throw new UserError(`Mutants are stale:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  return mutants;
}

function readFolder(root: string, folder: string): Mutant[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(SUFFIX));
  if (names.length === 0) throw new UserError(`There are no mutants: ${folder}/*${SUFFIX}.`);
  return names.sort().flatMap((name) => {
    const fault = name.slice(0, -SUFFIX.length);
    const byFile: MutantsOfFault = JSON.parse(readFileSync(join(root, folder, name), "utf8"));
    return Object.entries(byFile).flatMap(([file, entries]) =>
      entries.map((entry): Mutant => ({ test: `${folder}/${fault}.test.ts`, ...entry, fault, file })),
    );
  });
}

/** The source with the mechanism taken out. */
export function mutate(source: string, { search, replace }: Omit<Change, "file">): string {
  return source.split(search).join(replace); // `replace` takes no dollar sign for anything but itself
}

/** What is wrong with a mutant, if anything is. */
export function problemOf(root: string, { name, test, ...change }: Mutant): string | undefined {
  if (typeof name !== "string") return "must have a name";
  return existsSync(join(root, test)) ? faultOf(root, change) : `${test} is not there`;
}

/** What is wrong with a change, if anything is. */
export function faultOf(root: string, { file, search, replace }: Change): string | undefined {
  if ([file, search, replace].some((text) => typeof text !== "string"))
    return "must have file, search and replace";
  if (!existsSync(join(root, file))) return `${file} is not there`;
  if (search === "" || search === replace) return "search is empty, or replaced by itself";
  const found = readFileSync(join(root, file), "utf8").split(search).length - 1;
  return found === 1
    ? undefined
    : `search occurs ${found} times in ${file}, not once: ${JSON.stringify(search)}`;
}
