import { PoolConfigError } from "../errors/errors.ts";

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([a-z]+))?/;

/**
 * Drizzle before 0.45.4, and before 1.0.0-rc.1, knows a pool by its class alone: a transaction over this one would have no connection
 * of its own, and keep what was rolled back.
 *
 * @param version as Drizzle tells it, in `drizzle-orm/version`. What is none that is known is let pass.
 * @throws {PoolConfigError} it is an older one.
 */
export function assertDrizzle(version: string): void {
  const [, major, minor, patch, stage] = VERSION.exec(version) ?? [];
  if (major === undefined) return;
  const isOld =
    major === "0"
      ? Number(minor) < 45 || (minor === "45" && Number(patch) < 4)
      : `${major}.${minor}.${patch}` === "1.0.0" && stage !== undefined && stage !== "rc";
  if (!isOld) return;
  throw new PoolConfigError([
    `drizzle-orm ${version} gives a transaction over this pool no connection of its own: install drizzle-orm ` +
      ">=0.45.4 <1 or >=1.0.0-rc.1 (`npm ls drizzle-orm` shows which there is, and who asks for it)",
  ]);
}
