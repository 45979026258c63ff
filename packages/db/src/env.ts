import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DatabaseConfig, PoolConfigError, readSettings } from "@openhouse/pool";
import { parse } from "dotenv";

export interface DatabaseSettings extends DatabaseConfig {
  /** `DB_ROLE_CHECK`: whether a role that row-level security does not bind is refused. */
  readonly roleCheck: "on" | "off";
}

/**
 * Reads the settings from the environment, and from the nearest `.env` for what the environment lacks.
 * Nothing is written to `process.env`, so a changed file counts when it is read again.
 *
 * @throws {PoolConfigError} listing every fault of every variable.
 */
export function databaseSettings(): DatabaseSettings {
  const env = environment();
  const { DB_ROLE_CHECK: roleCheck = "on" } = env;
  const faults: string[] = [];
  if (roleCheck !== "on" && roleCheck !== "off")
    faults.push("DB_ROLE_CHECK must be on or off, for example DB_ROLE_CHECK=on");
  else if (roleCheck === "off" && env.NODE_ENV === "production")
    faults.push(
      "DB_ROLE_CHECK is off; it must be on in production, where one tenant must not see another's rows",
    );
  else return { ...readSettings(env), roleCheck };
  throw new PoolConfigError([...faultsOf(() => readSettings(env)), ...faults]);
}

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof PoolConfigError) return error.faults;
    throw error;
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
