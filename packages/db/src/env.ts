import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DatabaseConfig, PoolConfigError, readSettings } from "@openhouse/pool";
import { parse } from "dotenv";
import { readSigning } from "./signing-settings.ts";
import type { SigningSettings } from "./tenant-token.ts";

const EXAMPLE_PASSWORD = "password";

export interface DatabaseSettings extends DatabaseConfig {
  readonly signing: SigningSettings;
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
  const faults: string[] = [];
  const config = configOrFaults(env, faults);
  const { signing, faults: signingFaults } = readSigning(env, config?.options);
  const { DB_ROLE_CHECK: roleCheck = "on" } = env;
  faults.push(...signingFaults, ...roleCheckFaults(env), ...exposureFaults(env, config));
  const isRead = config !== undefined && signing !== undefined && faults.length === 0;
  if (!isRead) throw new PoolConfigError(faults);
  return { ...config, signing, roleCheck: roleCheck === "off" ? "off" : "on" };
}

function roleCheckFaults({
  DB_ROLE_CHECK: value = "on",
  NODE_ENV,
}: Record<string, string | undefined>): string[] {
  if (value !== "on" && value !== "off")
    return ["DB_ROLE_CHECK must be on or off, for example DB_ROLE_CHECK=on"];
  if (value === "on" || NODE_ENV !== "production") return [];
  return ["DB_ROLE_CHECK is off; it must be on in production, where one tenant must not see another's rows"];
}

/** What a test or a trial may do, and what hands production over. */
function exposureFaults(
  { NODE_ENV, DATABASE_URL_OWNER }: Record<string, string | undefined>,
  config: DatabaseConfig | undefined,
): string[] {
  if (NODE_ENV !== "production" || config === undefined) return [];
  const { options, owner } = config;
  const faults: string[] = [];
  if (DATABASE_URL_OWNER && options.user === owner.user)
    faults.push(
      "DATABASE_URL has the role of DATABASE_URL_OWNER, which owns the tables and may turn row-level security off; " +
        "it must be an ordinary role, for example openhouse_app, which `npm run db:migrate` makes",
    );
  if (options.password === EXAMPLE_PASSWORD)
    faults.push(
      "DATABASE_URL has the password of the example in .env.example; it must be one of your own, make one with: openssl rand -base64 24",
    );
  return faults;
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
