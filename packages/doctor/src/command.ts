import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type DatabaseConfig, type PoolLoad, readSettings } from "@openhouse/pool";
import type { Check } from "./check.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import { examine } from "./examine.ts";
import { printable } from "./print.ts";

export const USAGE = `openhouse-doctor [--json] [--instances N] [--sample SECONDS | --busy N --hold-ms N] [--file doctor.json]
  Tells what would wake the person on call: of the settings, the server, the roles, row-level security, indexes, and
  what the server is doing now. It only reads. As DATABASE_URL's role, and as DATABASE_URL_OWNER's for what that one may not see.
  --json         findings as JSON, by stable ids: docs/operating/doctor.md
  --instances N  processes that have a pool; wins over doctor.json
  --sample S     watches the role's connections for so many seconds, and says how many the load wants
  --busy N --hold-ms N  the same from a process's own figures: connections in use, and for how long each
  --file PATH    instead of doctor.json in this folder
  Exit code 1 where something is wrong.`;

/** The command line was wrong. */
class UsageError extends Error {
  readonly code = "USAGE_ERROR";
}

export interface Command {
  readonly args?: readonly string[];
  /** Reads the settings that are judged. @default the environment's */
  readonly settings?: () => DatabaseConfig;
  /** The project's own checks. */
  readonly checks?: readonly Check[];
  readonly directory?: string;
  readonly print?: (text: string) => void;
  readonly useColor?: boolean;
}

/**
 * @returns the exit code: 1 where something is wrong.
 * @throws {UsageError} an argument means nothing.
 * @throws {ConfigFileError} `doctor.json` is not one.
 */
export async function runDoctor({
  args = process.argv.slice(2),
  settings = () => readSettings(process.env),
  checks,
  directory = process.cwd(),
  print = console.log,
  useColor = process.stdout.isTTY && !process.env.NO_COLOR,
}: Command = {}): Promise<number> {
  if (args.includes("--help")) {
    print(USAGE);
    return 0;
  }
  const given = readArguments(args);
  const path = resolve(directory, given.file ?? "doctor.json");
  // One that was asked for must be there.
  const file: ConfigFile = given.file !== undefined || existsSync(path) ? readConfigFile(path) : {};
  const report = await examine(
    {
      settings,
      checks,
      tenantColumn: file.tenantColumn,
      migrations: file.migrations && join(dirname(path), file.migrations),
      instances: given.instances ?? file.instances,
      load: given.load,
      sampleMs: given.sampleMs,
    },
    file.ignore,
  );
  print(given.json ? JSON.stringify(report, null, 2) : printable(report, useColor));
  return report.findings.some(({ level }) => level === "wrong") ? 1 : 0;
}

export interface Arguments {
  readonly json: boolean;
  readonly file: string | undefined;
  readonly instances: number | undefined;
  readonly sampleMs: number | undefined;
  readonly load: PoolLoad | undefined;
}

/** @throws {UsageError} an argument means nothing. */
export function readArguments(args: readonly string[]): Arguments {
  const { json, file, ...numbers } = parse(args);
  const { instances, sample, busy, "hold-ms": holdMs } = numbers;
  if ((busy === undefined) !== (holdMs === undefined)) throw usage("--busy and --hold-ms go together");
  const load =
    busy === undefined || holdMs === undefined
      ? undefined
      : { busy: numberOf(busy, "--busy"), holdMs: numberOf(holdMs, "--hold-ms") };
  const seconds = sample === undefined ? undefined : numberOf(sample, "--sample");
  const count = instances === undefined ? undefined : numberOf(instances, "--instances");
  if (count !== undefined && !Number.isInteger(count)) throw usage("--instances takes a whole number");
  return { json: json === true, file, instances: count, sampleMs: seconds && seconds * 1_000, load };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = {
    json: { type: "boolean" },
    file: text,
    instances: text,
    sample: text,
    busy: text,
    "hold-ms": text,
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(text: string, option: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && number > 0) return number;
  throw usage(`${option} takes a number above 0, not "${text}"`);
}

function usage(fault: string): UsageError {
  return new UsageError(`${fault}\n${USAGE}`);
}
