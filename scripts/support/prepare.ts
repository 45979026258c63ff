import { migrate } from "@openhouse/db/migrate";
import { rekeyDirectory } from "@openhouse/db/rekey-directory";
import { seed } from "@openhouse/db/seed";
import type { ScriptDatabase } from "./database.ts";

export type DemoData = Awaited<ReturnType<typeof seed>>;

/**
 * Migrates, and fills the embedded database with the demo companies; a second time changes nothing. A server of DATABASE_URL
 * gets none: their passwords are public.
 *
 * @returns the demo sign-ins, or `null` where there are none.
 */
export async function prepareDatabase(
  database: ScriptDatabase,
  log: (line: string) => void,
): Promise<DemoData | null> {
  const { appUrl, ownerUrl, embedded } = database;
  await migrate({ ownerUrl, appUrl, log });
  if (embedded === null) {
    log("no demo data is added to the server of DATABASE_URL");
    return null;
  }
  const seeded = await seed({ appUrl, log, allowProduction: true });
  // Its data outlives a checkout's secret.
  await rekeyDirectory({ appUrl });
  return seeded;
}
