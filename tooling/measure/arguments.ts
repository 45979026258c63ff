import { parseArgs } from "node:util";
import { UserError } from "../cli/user-error.ts";

/** A number, and what it may be. */
export interface Range {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  /** @default false */
  readonly whole?: boolean;
}

type Kind = Range | "switch" | "text";

export type Options<Kinds extends Readonly<Record<string, Kind>>> = {
  readonly [Name in keyof Kinds]: Kinds[Name] extends Range
    ? number
    : Kinds[Name] extends "switch"
      ? boolean
      : string | undefined;
};

/**
 * Reads a command's options.
 *
 * @param alsoCheck what else cannot be meant, a sentence each.
 * @throws {UserError} listing every fault at once.
 */
export function readOptions<const Kinds extends Readonly<Record<string, Kind>>>(
  args: readonly string[],
  kinds: Kinds,
  alsoCheck: (options: Options<Kinds>, given: readonly string[]) => readonly string[] = () => [],
): Options<Kinds> {
  const faults: string[] = [];
  const values = parse(args, kinds);
  const read = (name: string, kind: Kind) => {
    const value = values[name];
    if (kind === "switch") return value === true;
    if (kind === "text") return value;
    if (value === undefined) return kind.fallback;
    const { min, max, whole } = kind;
    const number = Number(value);
    if (value === "" || !(number >= min && number <= max) || (whole && !Number.isInteger(number)))
      faults.push(
        `--${name} must be a ${whole ? "whole " : ""}number from ${min} to ${max}; it is "${value}"`,
      );
    return number;
  };
  const entries = Object.entries(kinds).map(([name, kind]) => [name, read(name, kind)]);
  const options = Object.fromEntries(entries) as Options<Kinds>;
  faults.push(...alsoCheck(options, Object.keys(values)));
  if (faults.length > 0) throw new UserError(faults.join("\n"));
  return options;
}

function parse(args: readonly string[], kinds: Readonly<Record<string, Kind>>) {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      { type: kind === "switch" ? "boolean" : "string" } as const,
    ]),
  );
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // Node's own words are good: they name the option.
    throw new UserError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
