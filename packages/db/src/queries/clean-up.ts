import { and, asc, eq, gt, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database } from "../database.ts";
import {
  chatThreads,
  messages,
  onboardingCodes,
  rateLimits,
  sessions,
  tenantDirectory,
} from "../schema/index.ts";
import { lookupHash } from "./directory.ts";

/** Rows that ended more than `keptForMs` milliseconds ago, `limit` of them at most. */
export interface Spent {
  keptForMs: number;
  limit: number;
}

const ago = (milliseconds: number): SQL => sql`now() - ${milliseconds} * interval '1 millisecond'`;

/** Deletes sessions that expired or were revoked long ago; answers how many. */
export async function deleteSpentSessions(db: Database, { keptForMs, limit }: Spent): Promise<number> {
  const spent = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(or(lt(sessions.expiresAt, ago(keptForMs)), lt(sessions.revokedAt, ago(keptForMs))))
    .limit(limit);
  const { rowCount } = await db.delete(sessions).where(inArray(sessions.id, spent));
  return rowCount ?? 0;
}

/**
 * Deletes codes that were used, revoked or expired long ago, and their entries in the directory of tenants; answers how
 * many. A homeowner's newest code stays, however old: it tells the staff whether they have moved in.
 */
export function deleteSpentOnboardingCodes(db: Database, { keptForMs, limit }: Spent): Promise<number> {
  const newer = alias(onboardingCodes, "newer");
  return db.transaction(async (tx) => {
    const isReplaced = tx
      .select({ one: sql`1` })
      .from(newer)
      .where(
        and(
          eq(newer.tenantId, onboardingCodes.tenantId),
          eq(newer.homeownerId, onboardingCodes.homeownerId),
          gt(newer.createdAt, onboardingCodes.createdAt),
        ),
      );
    const spent = tx
      .select({ id: onboardingCodes.id })
      .from(onboardingCodes)
      .where(
        and(
          or(
            lt(onboardingCodes.usedAt, ago(keptForMs)),
            lt(onboardingCodes.revokedAt, ago(keptForMs)),
            lt(onboardingCodes.expiresAt, ago(keptForMs)),
          ),
          sql`exists (${isReplaced})`,
        ),
      )
      .limit(limit);
    const deleted = await tx
      .delete(onboardingCodes)
      .where(inArray(onboardingCodes.id, spent))
      .returning({ code: onboardingCodes.code });
    const hashes = deleted.map(({ code }) => lookupHash("onboarding_code", code));
    if (hashes.length > 0)
      await tx.delete(tenantDirectory).where(inArray(tenantDirectory.lookupHash, hashes));
    return deleted.length;
  });
}

/** Forgets attempts whose time is over; answers how many. Takes the unscoped database: attempts have no tenant. */
export async function deleteExpiredRateLimits(db: Database, { limit }: { limit: number }): Promise<number> {
  const isOver = lt(rateLimits.expire, sql`extract(epoch from now()) * 1000`);
  const over = db.select({ key: rateLimits.key }).from(rateLimits).where(isOver).limit(limit);
  // Asked twice: the count may have been begun anew since it was looked for.
  const { rowCount } = await db.delete(rateLimits).where(and(inArray(rateLimits.key, over), isOver));
  return rowCount ?? 0;
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
