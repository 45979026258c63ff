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

/** What is counted, as `countAttempt` has it, and how often it may be. */
export interface Counter {
  readonly key: string;
  readonly windowSeconds: number;
  readonly most: number;
}

/**
 * Counts one attempt of each in turn, up to the first that is over its bound: those behind it are not counted. One statement.
 *
 * @returns the counts of those that were counted.
 */
export async function countUntilOver(db: Database, counters: readonly Counter[]): Promise<Attempts[]> {
  const { rows } = await db.execute<{ counted: { attempts: number; ms_left: number } }>(sql`
    with recursive asked as (
      select place, one->>'key' as key, (one->>'windowSeconds')::integer as seconds, (one->>'most')::integer as most
        from json_array_elements(${JSON.stringify(counters)}::json) with ordinality as each (one, place)
    ), counted (place, most, result) as (
      select 0::bigint, 1, json_build_object('attempts', 0)
      union all
      -- What is selected is worked out for the rows alone that are left, so that nothing is counted behind who is over.
      select asked.place, asked.most, to_json(attempts_count(asked.key, asked.seconds))
        from counted join asked on asked.place = counted.place + 1
       where (counted.result->>'attempts')::integer <= counted.most
    )
    select result as counted from counted where place > 0 order by place`);
  return rows.map(({ counted: { attempts: count, ms_left: msLeft } }) => ({ count, msLeft }));
}

/** Takes one counted attempt back. */
export async function forgiveAttempt(db: Database, key: string): Promise<void> {
  await db.execute(sql`select attempts_forgive(${key})`);
}

/** Forgets every attempt. */
export async function forgetAttempts(db: Database, key: string): Promise<void> {
  await db.execute(sql`select attempts_forget(${key})`);
}
