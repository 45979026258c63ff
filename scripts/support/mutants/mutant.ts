import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../user-error.ts";

const FOLDER = "packages/pool/test/faults";
const FILES = /^mutants-.*\.json$/;

/** A mechanism taken out of the source, and the test that is to notice. */
export interface Mutant {
  /** Of the table in FAULTS.md. */
  readonly row: number;
  /** What the source does without the mechanism. */
  readonly name: string;
  /** Paths are relative to the root of the repository. */
  readonly file: string;
  /** Occurs once in the file. */
  readonly search: string;
  readonly replace: string;
  readonly test: string;
}

/**
 * Reads every mutant of the checkout, in the order of the rows.
 *
 * @throws {UserError} listing all that are malformed, or whose text is no longer in the source, or not only once.
 */
export function readMutants(root: string): Mutant[] {
  const folder = join(root, FOLDER);
  const names = readdirSync(folder).filter((name) => FILES.test(name));
  if (names.length === 0) throw new UserError(`There are no mutants: ${FOLDER}/mutants-*.json.`);
  const faults: string[] = [];
  const mutants = names.sort().flatMap((name) => {
    const entries: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
    return (Array.isArray(entries) ? entries : [entries]).filter((entry, index): entry is Mutant => {
      const fault = isMutant(entry)
        ? staleness(root, entry)
        : "must have row, name, file, search, replace and test";
      if (fault !== undefined) faults.push(`${name}, entry ${index + 1}${describe(entry)}: ${fault}`);
      return fault === undefined;
    });
  });
  if (faults.length > 0)
    throw new UserError(`Mutants are stale:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  return mutants.sort((a, b) => a.row - b.row);
}

/** The source of a mutant's file with the mechanism taken out. */
export function mutate(source: string, { search, replace }: Mutant): string {
  return source.split(search).join(replace); // `replace` takes no dollar sign for anything but itself
}

function isMutant(entry: unknown): entry is Mutant {
  if (typeof entry !== "object" || entry === null) return false;
  const fields = entry as Partial<Record<string, unknown>>;
  const texts = ["name", "file", "search", "replace", "test"];
  return typeof fields.row === "number" && texts.every((text) => typeof fields[text] === "string");
}

function describe(entry: unknown): string {
  return isMutant(entry) ? ` (row ${entry.row}, ${entry.name})` : "";
}

function staleness(root: string, mutant: Mutant): string | undefined {
  const { file, search, replace, test } = mutant;
  for (const path of [file, test]) if (!existsSync(join(root, path))) return `${path} is not there`;
  if (search === "" || search === replace) return "search is empty, or replaced by itself";
  const found = readFileSync(join(root, file), "utf8").split(search).length - 1;
  return found === 1
    ? undefined
    : `search occurs ${found} times in ${file}, not once: ${JSON.stringify(search)}`;
}
