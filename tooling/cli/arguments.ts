import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "./user-error.ts";

/**
 * Reads a script's arguments, before anything starts. With `--help` it prints `usage` and ends the process.
 *
 * @throws {UserError} naming an argument that means nothing, with the usage.
 */
export function readArguments<const Config extends ParseArgsConfig>(usage: string, config: Config) {
  if (process.argv.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n${usage}`, { cause: error });
  }
}

/**
 * Reads a program's arguments where no `main` tells what was wrong: that is printed with `usage`, and the process ends with
 * 1; with `--help` it prints `usage` and ends with 0.
 */
export function readOrExplain<T>(usage: string, read: () => T): T {
  if (process.argv.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(1);
  }
}

/** For a script that has settings and no options. */
export function refuseArguments(usage: string): void {
  readArguments(usage, { options: {} });
}
