import { closePool, db } from "@openhouse/db/client";
import { migrate } from "@openhouse/db/migrate";
import { listTenants } from "@openhouse/db/queries/directory";
import { rekeyDirectory } from "@openhouse/db/rekey-directory";
import { seed } from "@openhouse/db/seed";
import type { ScriptDatabase } from "./database.ts";

export type DemoData = Awaited<ReturnType<typeof seed>>;

/**
 * Migrates, and fills the database with the demo companies: the embedded one always (a second time changes
 * nothing), the one of DATABASE_URL only while it has no tenants, and never in production.
 *
 * @returns the demo sign-ins, or `null` where this database has other tenants.
 */
export async function prepareDatabase(
  database: ScriptDatabase,
  log: (line: string) => void,
): Promise<DemoData | null> {
  const { appUrl, ownerUrl, embedded } = database;
  await migrate({ ownerUrl, appUrl, log });
  if (embedded === null) {
    if (process.env.NODE_ENV === "production") return null;
    if (await hasTenants()) {
      log("the database has tenants, so no demo data was added");
      return null;
    }
  }
  const seeded = await seed({ appUrl, log, allowProduction: embedded !== null });
  // Its data outlives a checkout's secret.
  if (embedded !== null) await rekeyDirectory({ appUrl });
  return seeded;
}

/** Asks the database of DATABASE_URL: its directory is the one table that tells of all tenants. */
async function hasTenants(): Promise<boolean> {
  try {
    return (await listTenants(db, { limit: 1 })).length > 0;
  } finally {
    await closePool();
  }
}
