import { and, asc, eq, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { chatThreads, messages } from "../schema/index.ts";
import { removeFromDirectory } from "./directory.ts";

const ago = (milliseconds: number): SQL => sql`now() - ${milliseconds} * interval '1 millisecond'`;

/** Deletes the tenant's sessions that expired or were revoked 30 days ago, `limit` at most; answers how many. */
export async function deleteSpentSessions(db: Database, { limit }: { limit: number }): Promise<number> {
  const { rows } = await db.execute<{ deleted: number }>(
    sql`select sessions_delete_spent(${limit}) as deleted`,
  );
  return expectOne(rows).deleted;
}

/** Deletes the tenant's sign-in links that were over a day ago, `limit` at most; answers how many. */
export async function deleteSpentSignInLinks(db: Database, { limit }: { limit: number }): Promise<number> {
  const { rows } = await db.execute<{ deleted: number }>(
    sql`select sign_in_links_delete_spent(${limit}) as deleted`,
  );
  return expectOne(rows).deleted;
}

/**
 * Deletes the tenant's codes that were used, revoked or expired 30 days ago, `limit` at most, and their entries in the
 * directory of tenants; answers how many. A homeowner's newest code stays, however old: it tells the staff whether they
 * have moved in.
 */
export function deleteSpentOnboardingCodes(db: Database, { limit }: { limit: number }): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ code: string }>(
      sql`select code from onboarding_codes_delete_spent(${limit}) as code`,
    );
    const codes = rows.map(({ code }) => code);
    await removeFromDirectory(tx, "onboarding_code", codes);
    return codes.length;
  });
}

/** Deletes the tenant's documents for good that were deleted 30 days ago, `limit` at most; answers how many. */
export async function deleteSpentDocuments(db: Database, { limit }: { limit: number }): Promise<number> {
  const { rows } = await db.execute<{ deleted: number }>(
    sql`select documents_delete_spent(${limit}) as deleted`,
  );
  return expectOne(rows).deleted;
}

/** Deletes what the tenant's homeowners asked in vain more than 90 days ago, `limit` at most; answers how many. */
export async function deleteSpentUnanswered(db: Database, { limit }: { limit: number }): Promise<number> {
  const { rows } = await db.execute<{ deleted: number }>(
    sql`select unanswered_delete_spent(${limit}) as deleted`,
  );
  return expectOne(rows).deleted;
}

/** Forgets attempts whose time is over, `limit` at most; answers how many. Takes the unscoped database. */
export async function deleteExpiredRateLimits(db: Database, { limit }: { limit: number }): Promise<number> {
  const { rows } = await db.execute<{ deleted: number }>(
    sql`select attempts_delete_expired(${limit}) as deleted`,
  );
  return expectOne(rows).deleted;
}

/** Threads with a question that nobody has spoken in for `forMs` milliseconds, and that nothing but that has titled. */
export async function listIdleThreads(
  db: Database,
  { forMs, limit }: { forMs: number; limit: number },
): Promise<string[]> {
  const question = db
    .select({ one: sql`1` })
    .from(messages)
    .where(
      and(
        eq(messages.tenantId, chatThreads.tenantId),
        eq(messages.threadId, chatThreads.id),
        eq(messages.role, "user"),
      ),
    );
  const rows = await db
    .select({ id: chatThreads.id })
    .from(chatThreads)
    .where(
      and(
        eq(chatThreads.titledBy, "opening"),
        lt(chatThreads.updatedAt, ago(forMs)),
        sql`exists (${question})`,
      ),
    )
    .orderBy(asc(chatThreads.updatedAt), asc(chatThreads.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}
