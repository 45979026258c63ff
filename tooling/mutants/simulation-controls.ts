import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/user-error.ts";
import { type Mutant, problemOf } from "./mutant.ts";

const FILE = "packages/pool/test/simulation/controls.json";
const TEST = "packages/pool/test/simulation/simulation.test.ts";

/**
 * Reads the mechanisms whose absence the simulation of the pool is to find.
 *
 * @throws {UserError} listing all whose text is no longer in the source, or not only once.
 */
export function readSimulationControls(root: string): Mutant[] {
  const byFile: Record<string, Pick<Mutant, "name" | "search" | "replace">[]> = JSON.parse(
    readFileSync(join(root, FILE), "utf8"),
  );
  const controls = Object.entries(byFile).flatMap(([file, entries]) =>
    entries.map((entry): Mutant => ({ ...entry, file, fault: "simulation", test: TEST })),
  );
  const problems = controls.flatMap((control) => {
    const problem = problemOf(root, control);
    return problem === undefined ? [] : [`"${control.name}": ${problem}`];
  });
  if (problems.length > 0) throw new UserError(`${FILE} is stale:\n  - ${problems.join("\n  - ")}`);
  return controls;
}
