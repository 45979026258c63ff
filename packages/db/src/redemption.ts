import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { expectOne } from "./expect-one.ts";
import type { Device } from "./queries/sessions.ts";
import { sessions } from "./schema/index.ts";

/** What opens a home once: a code, or a link in a mail. */
export interface OneTimeKey<State extends string> {
  /** Has the columns `used_at` and `homeowner_id`. */
  table: SQLWrapper;
  isThis: SQL | undefined;
  /** Whether it is this one, and opens the home now. */
  opens: SQL | undefined;
  state: SQL<State>;
}

export interface SessionToOpen {
  sessionExpiresAt: Date;
  device?: Device | undefined;
}

/**
 * Uses a key up and opens its homeowner's session, both or neither: a key is never used up with nobody let in. The update decides
 * and takes in one statement: of two at once the second waits for the first, and sees `used_at`. Where nothing was opened, answers
 * the key's state as it was when the statement began, null for none.
 */
export async function redeemOnce<State extends string>(
  db: Database,
  { table, isThis, opens, state }: OneTimeKey<State>,
  { sessionExpiresAt, device }: SessionToOpen,
): Promise<{ homeownerId: string; sessionId: string } | { sessionId: null; state: State | null }> {
  const { rows } = await db.execute<{
    sessionId: string | null;
    homeownerId: string;
    state: State | null;
  }>(sql`
    with redeemed as (
      update ${table} set used_at = now() where ${opens} returning homeowner_id
    ),
    opened as (
      insert into ${sessions} (homeowner_id, expires_at, browser, system)
      select homeowner_id, ${sessionExpiresAt.toISOString()}::timestamptz, ${device?.browser ?? null}::text,
             ${device?.system ?? null}::text
        from redeemed
      returning id, homeowner_id
    )
    select opened.id as "sessionId", opened.homeowner_id as "homeownerId",
           (select ${state} from ${table} where ${isThis}) as state
      from (values (1)) as one left join opened on true`);
  const { sessionId, homeownerId, state: found } = expectOne(rows);
  return sessionId === null ? { sessionId, state: found } : { sessionId, homeownerId };
}
