import { type Attack, type AttackTestKind, kindOf } from "./attack-tests.ts";

/** What Vitest tells of one test, in its JSON. */
export interface Tried {
  readonly fullName: string;
  readonly status: string;
}

/** By file, from the repository's root. */
export type TriedByFile = ReadonlyMap<string, readonly Tried[]>;

/**
 * Attack by attack: what stops it, how often it was tried and what came of it.
 *
 * @param kind what was run; tests of another kind are named with what runs them.
 * @param lists whether every try is told by its name, and not only one that got through.
 */
export function attackReport(
  attacks: readonly Attack[],
  tried: TriedByFile,
  { kind, lists }: { kind: AttackTestKind; lists: boolean },
): string {
  return attacks
    .map(({ attack, stoppedBy, tests }) => {
      const lines = tests.flatMap(({ name, path }) => linesOf(name, path, tried.get(path), kind, lists));
      return [attack, `  stopped by: ${stoppedBy}`, ...lines].join("\n");
    })
    .join("\n\n");
}

function linesOf(
  name: string,
  path: string,
  tries: readonly Tried[] | undefined,
  kind: AttackTestKind,
  lists: boolean,
): string[] {
  const head = `  ${name.padEnd(14)}`;
  if (kindOf(path) !== kind) return [`${head} with ${HOW[kindOf(path)]}`];
  if (tries === undefined || tries.length === 0) return [`${head} NOT RUN: ${path}`];
  const through = tries.filter(({ status }) => status !== "passed");
  const outcome = through.length === 0 ? "each stopped as promised" : `${through.length} NOT AS PROMISED`;
  return [
    `${head} ${tries.length} tried, ${outcome}`,
    ...(lists ? tries : through).map(
      ({ fullName, status }) => `    ${status === "passed" ? "stopped" : status.toUpperCase()}: ${fullName}`,
    ),
  ];
}

const HOW: Record<AttackTestKind, string> = {
  usual: "npm run test:security",
  system: "--system",
  browser: "--browser",
};
