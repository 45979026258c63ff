import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DatabaseConfig, PoolConfigError, readSettings } from "@openhouse/pool";
import { parse } from "dotenv";
import { readSigning } from "./signing-settings.ts";
import type { SigningSettings } from "./tenant-token.ts";

export interface DatabaseSettings extends DatabaseConfig {
  readonly signing: SigningSettings;
}

/**
 * Reads the settings from the environment, and from the nearest `.env` for what the environment lacks.
 * Nothing is written to `process.env`, so a changed file counts when it is read again.
 *
 * @throws {PoolConfigError} listing every fault of every variable.
 */
export function databaseSettings(): DatabaseSettings {
  const env = environment();
  const faults: string[] = [];
  const config = configOrFaults(env, faults);
  const { signing, faults: ownFaults } = readSigning(env, config?.options);
  faults.push(...ownFaults);
  if (config === undefined || signing === undefined) throw new PoolConfigError(faults);
  return { ...config, signing };
}

function configOrFaults(
  env: Parameters<typeof readSettings>[0],
  faults: string[],
): DatabaseConfig | undefined {
  try {
    return readSettings(env);
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
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
