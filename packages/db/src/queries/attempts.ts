import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";

/** How often something was tried within its window. */
export interface Attempts {
  readonly count: number;
  /** Until the window is over and counting begins anew. */
  readonly msLeft: number;
}

/**
 * Counts one attempt; a window begins with its first one. Counting and asking are one statement, so attempts that arrive
 * together cannot all be the last one. Takes the unscoped database, as these all do: attempts have no tenant.
 *
 * @param key names what is counted, and tells nobody who it is: a keyed hash.
 */
export async function countAttempt(db: Database, key: string, windowSeconds: number): Promise<Attempts> {
  const { rows } = await db.execute<{ count: number; msLeft: number }>(
    sql`select attempts as count, ms_left as "msLeft" from attempts_count(${key}, ${windowSeconds})`,
  );
  return expectOne(rows);
}

/** Takes one counted attempt back. */
export async function forgiveAttempt(db: Database, key: string): Promise<void> {
  await db.execute(sql`select attempts_forgive(${key})`);
}

/** Forgets every attempt. */
export async function forgetAttempts(db: Database, key: string): Promise<void> {
  await db.execute(sql`select attempts_forget(${key})`);
}
