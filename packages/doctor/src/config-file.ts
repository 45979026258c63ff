import { readFileSync } from "node:fs";

/** A finding that is meant to be as it is. */
export interface Ignore {
  readonly id: string;
  readonly object?: string;
  readonly reason?: string;
}

/** `doctor.json`: what cannot be seen in the database. */
export interface ConfigFile {
  /** The column by which rows belong to a tenant. @default "tenant_id" */
  readonly tenantColumn?: string;
  /** Drizzle's folder of migrations, from the file's own. */
  readonly migrations?: string;
  /** Processes that have a pool. @default 1 */
  readonly instances?: number;
  readonly ignore?: readonly Ignore[];
}

/** `doctor.json` cannot be read as one. */
export class ConfigFileError extends Error {
  readonly code = "DOCTOR_FILE";

  constructor(path: string, fault: string, options?: ErrorOptions) {
    super(`${path} ${fault}`, options);
    this.name = "ConfigFileError";
  }
}

const isText = (value: unknown) => typeof value === "string" && value !== "";
const FIELDS: Readonly<Record<string, readonly [right: (value: unknown) => boolean, what: string]>> = {
  tenantColumn: [isText, "the name of a column"],
  migrations: [isText, "the path of a folder"],
  instances: [(value) => Number.isInteger(value) && Number(value) >= 1, "a whole number from 1"],
  ignore: [
    (value) => Array.isArray(value) && value.every(isIgnore),
    'a list of { "id": …, "object": …, "reason": … }',
  ],
};

function isIgnore(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("id" in value) || !isText(value.id)) return false;
  return Object.entries(value).every(
    ([name, each]) => ["id", "object", "reason"].includes(name) && typeof each === "string",
  );
}

/** @throws {ConfigFileError} naming the first field that is not as it should be. */
export function readConfigFile(path: string): ConfigFile {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigFileError(path, `cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new ConfigFileError(path, "is no object");
  for (const [name, value] of Object.entries(read)) {
    const [isRight, what] = FIELDS[name] ?? [];
    if (isRight === undefined)
      throw new ConfigFileError(path, `has "${name}"; known are ${Object.keys(FIELDS).join(", ")}`);
    if (!isRight(value)) throw new ConfigFileError(path, `must have ${what} as "${name}"`);
  }
  return read;
}
