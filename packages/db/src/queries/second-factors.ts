import { and, arrayContains, eq, isNotNull, isNull, lt, ne, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { secondFactors } from "../schema/index.ts";

export interface SecondFactor {
  sealedSecret: string;
  /** Whether it is asked for; not while it is set up. */
  isOn: boolean;
  recoveryCodesLeft: number;
}

/** A member of staff's second factor, on or being set up; null where there is none. */
export async function findSecondFactor(db: Database, staffId: string): Promise<SecondFactor | null> {
  const [found] = await db
    .select({
      sealedSecret: secondFactors.sealedSecret,
      isOn: sql<boolean>`${secondFactors.confirmedAt} is not null`,
      recoveryCodesLeft: sql<number>`cardinality(${secondFactors.recoveryHashes})`,
    })
    .from(secondFactors)
    .where(eq(secondFactors.staffId, staffId));
  return found ?? null;
}

/** Everybody's of the tenant that hold a secret. */
export function listSecondFactors(db: Database): Promise<{ staffId: string; sealedSecret: string }[]> {
  return db
    .select({ staffId: secondFactors.staffId, sealedSecret: secondFactors.sealedSecret })
    .from(secondFactors)
    .where(ne(secondFactors.sealedSecret, ""));
}

/** Keeps a secret under another seal. */
export async function resealSecondFactor(
  db: Database,
  { staffId, sealedSecret }: { staffId: string; sealedSecret: string },
): Promise<void> {
  await db.update(secondFactors).set({ sealedSecret }).where(eq(secondFactors.staffId, staffId));
}

/** Begins anew to set one up; false where one is on already, which stays. */
export async function beginSecondFactor(
  db: Database,
  { staffId, sealedSecret }: { staffId: string; sealedSecret: string },
): Promise<boolean> {
  const begun = await db
    .insert(secondFactors)
    .values({ staffId, sealedSecret })
    .onConflictDoUpdate({
      target: [secondFactors.tenantId, secondFactors.staffId],
      set: { sealedSecret, lastStep: 0 },
      setWhere: isNull(secondFactors.confirmedAt),
    })
    .returning({ staffId: secondFactors.staffId });
  return begun.length > 0;
}

/** Turns on what was set up, with a code of `step`; false where there is nothing to turn on, or it was used. */
export async function confirmSecondFactor(
  db: Database,
  { staffId, step, recoveryHashes }: { staffId: string; step: number; recoveryHashes: string[] },
): Promise<boolean> {
  const confirmed = await db
    .update(secondFactors)
    .set({ confirmedAt: sql`now()`, lastStep: step, recoveryHashes })
    .where(
      and(
        eq(secondFactors.staffId, staffId),
        isNull(secondFactors.confirmedAt),
        lt(secondFactors.lastStep, step),
      ),
    )
    .returning({ staffId: secondFactors.staffId });
  return confirmed.length > 0;
}

/** Takes a code of `step`, once: of two at the same time one is taken, and none that is older than one that was. */
export async function takeStep(
  db: Database,
  { staffId, step }: { staffId: string; step: number },
): Promise<boolean> {
  const taken = await db
    .update(secondFactors)
    .set({ lastStep: step })
    .where(
      and(
        eq(secondFactors.staffId, staffId),
        isNotNull(secondFactors.confirmedAt),
        lt(secondFactors.lastStep, step),
      ),
    )
    .returning({ staffId: secondFactors.staffId });
  return taken.length > 0;
}

/** Takes a recovery code, once. */
export async function takeRecoveryCode(
  db: Database,
  { staffId, hash }: { staffId: string; hash: string },
): Promise<boolean> {
  const taken = await db
    .update(secondFactors)
    .set({ recoveryHashes: sql`array_remove(${secondFactors.recoveryHashes}, ${hash})` })
    .where(
      and(
        eq(secondFactors.staffId, staffId),
        isNotNull(secondFactors.confirmedAt),
        arrayContains(secondFactors.recoveryHashes, [hash]),
      ),
    )
    .returning({ staffId: secondFactors.staffId });
  return taken.length > 0;
}

/** New recovery codes in place of those that are left. */
export async function replaceRecoveryCodes(
  db: Database,
  { staffId, recoveryHashes }: { staffId: string; recoveryHashes: string[] },
): Promise<void> {
  await db
    .update(secondFactors)
    .set({ recoveryHashes })
    .where(and(eq(secondFactors.staffId, staffId), isNotNull(secondFactors.confirmedAt)));
}

/** Turns it off: from now on the password is enough. What it was is worth nothing any more. */
export async function turnSecondFactorOff(db: Database, staffId: string): Promise<void> {
  await db
    .update(secondFactors)
    .set({ confirmedAt: null, sealedSecret: "", recoveryHashes: [] })
    .where(eq(secondFactors.staffId, staffId));
}
