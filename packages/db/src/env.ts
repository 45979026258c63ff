import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DatabaseConfig, readSettings } from "@openhouse/pool";
import { parse } from "dotenv";

/**
 * Reads the settings from the environment, and from the nearest `.env` for what the environment lacks.
 * Nothing is written to `process.env`, so a changed file counts when it is read again.
 *
 * @throws {PoolConfigError} listing every fault of every variable.
 */
export function databaseSettings(): DatabaseConfig {
  return readSettings(environment());
}

/** The environment, and the nearest `.env` for what it lacks. Read anew at each call. */
export function environment(): Record<string, string | undefined> {
  return { ...nearestEnvFile(process.cwd()), ...process.env };
}

/** A portal runs in its own folder, while the one `.env` lies at the root of the repository. */
function nearestEnvFile(directory: string): Record<string, string> {
  try {
    return parse(readFileSync(join(directory, ".env")));
  } catch {
    const parent = dirname(directory);
    return parent === directory ? {} : nearestEnvFile(parent);
  }
}
