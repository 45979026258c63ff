import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../cli/user-error.ts";
import { type Change, faultOf } from "./mutant.ts";

const FILE = "packages/db/test/fire/controls.json";
const FINDINGS = ["rows", "leftovers", "writes", "nothing"] as const;
const ROLES = ["app", "owner", "superuser"] as const;

/** What a run under fire finds first: rows of others, what others have left in a session, writes that are not as told. */
export type Finding = (typeof FINDINGS)[number];

/** What keeps tenants apart taken out of the sources, one thing or several layers of it, and what a run under fire is to find. */
export interface Control {
  /** Names of what is taken out. */
  readonly out: readonly string[];
  readonly changes: readonly Change[];
  /** As whom callers connect. */
  readonly as: (typeof ROLES)[number];
  readonly finds: Finding;
  /** Where it is to find nothing: what holds all the same. */
  readonly because?: string | undefined;
}

interface ControlFile {
  readonly mechanisms: Readonly<Record<string, readonly Change[]>>;
  readonly controls: readonly (Omit<Control, "changes" | "as"> & Partial<Pick<Control, "as">>)[];
}

/**
 * Reads every control of isolation under fire.
 *
 * @throws {UserError} listing all that are malformed, or whose text is no longer in the source, or not only once.
 */
export function readIsolationControls(root: string): Control[] {
  const { mechanisms, controls }: ControlFile = JSON.parse(readFileSync(join(root, FILE), "utf8"));
  const faults: string[] = [];
  for (const [name, changes] of Object.entries(mechanisms)) {
    faults.push(
      ...changes.flatMap((change) => faultOf(root, change) ?? []).map((fault) => `"${name}": ${fault}`),
    );
    if (!controls.some(({ out }) => out.includes(name))) faults.push(`"${name}" is never taken out`);
  }
  const read = controls.map((control): Control => {
    const { out, as = "app", finds, because } = control;
    const told = (finds === "nothing") === (because !== undefined);
    const known = out.every((name) => name in mechanisms);
    if (!told || !known || !FINDINGS.includes(finds) || !ROLES.includes(as))
      faults.push(`a control is malformed: ${JSON.stringify(control)}`);
    return { ...control, as, changes: out.flatMap((name) => mechanisms[name] ?? []) };
  });
  if (faults.length > 0)
    throw new UserError(`${FILE} is stale:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  return read;
}
