import { and, eq, gt, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { normalizeEmail } from "../email.ts";
import { expectOne } from "../expect-one.ts";
import { homeowners, onboardingCodes } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { isForeignKeyViolation, unlessTaken } from "../violations.ts";
import { aboutHomeOf, noteActivity } from "./activity.ts";
import { addHomeToDirectory, removeFromDirectory } from "./directory.ts";
import { isOpenCode } from "./onboarding-codes.ts";
import { endSessions } from "./sessions.ts";
import { endSignInLinks } from "./sign-in-links.ts";

export interface HomeownerFields {
  name: string;
  email: string;
}

/** Adds a homeowner; answers their id, `taken` where the unit has one with this e-mail address, null where the unit is gone. */
export async function addHomeowner(
  db: Database,
  staffId: string,
  { unitId, name, email }: HomeownerFields & { unitId: string },
): Promise<{ id: string } | "taken" | null> {
  if (!isUuid(unitId)) return null;
  try {
    return await unlessTaken(
      db.transaction(async (tx) => {
        const added = expectOne(
          await tx
            .insert(homeowners)
            .values({ unitId, name, email: normalizeEmail(email) })
            .returning({ id: homeowners.id }),
        );
        await noteActivity(tx, { staffId, kind: "homeowner.added", about: aboutHomeOf(added.id) });
        return added;
      }),
    );
  } catch (error) {
    if (isForeignKeyViolation(error)) return null;
    throw error;
  }
}

/**
 * Changes name and e-mail address. Whoever reads the address of before comes in no more by what was mailed to it, neither by a link
 * nor by a code: one that was mailed is withdrawn, which is told. `taken` where somebody else of the unit has the address, null where
 * the homeowner is gone.
 */
export async function changeHomeowner(
  db: Database,
  staffId: string,
  { id, name, email }: HomeownerFields & { id: string },
): Promise<{ codeWithdrawn: boolean } | "taken" | null> {
  if (!isUuid(id)) return null;
  return unlessTaken(
    db.transaction(async (tx) => {
      const isThis = eq(homeowners.id, id);
      const [before] = await tx
        .select({ email: homeowners.email })
        .from(homeowners)
        .where(isThis)
        .for("update");
      if (before === undefined) return null;
      const fields = { name, email: normalizeEmail(email) };
      await tx.update(homeowners).set(fields).where(isThis);
      const isMoved = fields.email !== before.email;
      if (isMoved) {
        await endSignInLinks(tx, id);
        await addHomeToDirectory(tx, fields.email);
      }
      await noteActivity(tx, { staffId, kind: "homeowner.changed", about: aboutHomeOf(id) });
      const codeWithdrawn = isMoved && (await withdrawMailedCodes(tx, id));
      if (codeWithdrawn) await noteActivity(tx, { staffId, kind: "code.withdrawn", about: aboutHomeOf(id) });
      return { codeWithdrawn };
    }),
  );
}

/** One that is on paper alone stays as it is. Under the homeowner's lock, as a mail is begun. */
async function withdrawMailedCodes(tx: Database, homeownerId: string): Promise<boolean> {
  const withdrawn = await tx
    .update(onboardingCodes)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(onboardingCodes.homeownerId, homeownerId), isOpenCode, gt(onboardingCodes.mails, 0)))
    .returning({ id: onboardingCodes.id });
  return withdrawn.length > 0;
}

/**
 * Removes a homeowner with their codes, sessions and conversations, for good. Answers the ids of the sessions that were open; null
 * where the homeowner is gone already.
 */
export async function removeHomeowner(db: Database, staffId: string, id: string): Promise<string[] | null> {
  if (!isUuid(id)) return null;
  return db.transaction(async (tx) => {
    // Locked, as while a code is issued: that one would stay in the directory.
    const locked = await tx
      .select({ id: homeowners.id })
      .from(homeowners)
      .where(eq(homeowners.id, id))
      .for("update");
    if (locked.length === 0) return null;
    await noteActivity(tx, { staffId, kind: "homeowner.removed", about: aboutHomeOf(id) });
    const sessionIds = await endSessions(tx, { homeownerId: id });
    const { rows } = await tx.execute<{ code: string }>(
      sql`select code from homeowner_remove(${id}) as code`,
    );
    await removeFromDirectory(
      tx,
      "onboarding_code",
      rows.map(({ code }) => code),
    );
    return sessionIds;
  });
}
