import { and, eq, gt, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { normalizeOnboardingCode, onboardingCode } from "../onboarding-code.ts";
import { redeemOnce, type SessionToOpen } from "../redemption.ts";
import { developments, homeowners, onboardingCodes, sessions, units } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { addHomeToDirectory, addToDirectory } from "./directory.ts";
import { isActiveSession } from "./sessions.ts";

export type OnboardingCodeState = "open" | "used" | "expired" | "revoked";

export interface FoundOnboardingCode {
  state: OnboardingCodeState;
  homeownerName: string;
  unitLabel: string;
  developmentName: string;
}

/** Judged by the server's clock; a code that was used stays used after its time. */
export const onboardingCodeState: SQL<OnboardingCodeState> = sql`case
  when ${onboardingCodes.usedAt} is not null then 'used'
  when ${onboardingCodes.revokedAt} is not null then 'revoked'
  when ${onboardingCodes.expiresAt} <= now() then 'expired'
  else 'open' end`;

/** Neither used, withdrawn nor over: whoever has it comes in. */
export const isOpenCode = and(
  isNull(onboardingCodes.usedAt),
  isNull(onboardingCodes.revokedAt),
  gt(onboardingCodes.expiresAt, sql`now()`),
);

/** Whose home a code opens, without using it up; null for an unknown code. Separators and letter case do not matter. */
export async function findOnboardingCode(db: Database, code: string): Promise<FoundOnboardingCode | null> {
  const [found] = await db
    .select({
      state: onboardingCodeState,
      homeownerName: homeowners.name,
      unitLabel: units.label,
      developmentName: developments.name,
    })
    .from(onboardingCodes)
    .innerJoin(
      homeowners,
      and(eq(homeowners.tenantId, onboardingCodes.tenantId), eq(homeowners.id, onboardingCodes.homeownerId)),
    )
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .innerJoin(
      developments,
      and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId)),
    )
    .where(eq(onboardingCodes.code, normalizeOnboardingCode(code)))
    .limit(1); // no statistics are kept of codes, so that the server expects several of one
  return found ?? null;
}

export type Redemption =
  | { outcome: "redeemed"; homeownerId: string; sessionId: string }
  | { outcome: "unknown" | Exclude<OnboardingCodeState, "open"> };

/**
 * Uses a code up and opens its homeowner's session, both or neither: of two at once the second gets "used".
 * One statement; a second one only for who was beaten to it.
 */
export async function redeemOnboardingCode(
  db: Database,
  code: string,
  session: SessionToOpen,
): Promise<Redemption> {
  const isThis = eq(onboardingCodes.code, normalizeOnboardingCode(code));
  const redeemed = await redeemOnce(
    db,
    { table: onboardingCodes, isThis, opens: and(isThis, isOpenCode), state: onboardingCodeState },
    session,
  );
  if (redeemed.sessionId !== null) return { outcome: "redeemed", ...redeemed };
  // A statement sees the rows as they were when it began: what was open then, and is not ours, somebody has taken since.
  const refused = redeemed.state === "open" ? await findCodeState(db, isThis) : redeemed.state;
  return { outcome: refused === null || refused === "open" ? "unknown" : refused };
}

async function findCodeState(db: Database, isThisCode: SQL): Promise<OnboardingCodeState | null> {
  const [found] = await db.select({ state: onboardingCodeState }).from(onboardingCodes).where(isThisCode);
  // "open" again: issued after the first look, so the caller's code did not exist when it was asked for.
  return found?.state ?? null;
}

/** Whether somebody is in this home, or was: a code for it lets its holder read what is there. */
export async function isHomeOpen(db: Database, homeownerId: string): Promise<boolean> {
  if (!isUuid(homeownerId)) return false;
  const used = db
    .select({ one: sql`1` })
    .from(onboardingCodes)
    .where(and(eq(onboardingCodes.homeownerId, homeownerId), isNotNull(onboardingCodes.usedAt)));
  const active = db
    .select({ one: sql`1` })
    .from(sessions)
    .where(and(eq(sessions.homeownerId, homeownerId), isActiveSession));
  const { rows } = await db.execute<{ isOpen: boolean }>(
    sql`select exists (${used}) or exists (${active}) as "isOpen"`,
  );
  return expectOne(rows).isOpen;
}

/** Withdraws a homeowner's open codes, on paper and elsewhere; whether there was one. Used ones stay used. */
export async function revokeOnboardingCodes(db: Database, homeownerId: string): Promise<boolean> {
  if (!isUuid(homeownerId)) return false;
  const revoked = await db
    .update(onboardingCodes)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(onboardingCodes.homeownerId, homeownerId), isOpenCode))
    .returning({ id: onboardingCodes.id });
  return revoked.length > 0;
}

/** Takes back what a homeowner's used codes still give: asking for a link by e-mail. Only a new code lets them in then. */
export async function closeHome(db: Database, homeownerId: string): Promise<void> {
  if (!isUuid(homeownerId)) return;
  await db
    .update(onboardingCodes)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(onboardingCodes.homeownerId, homeownerId),
        isNotNull(onboardingCodes.usedAt),
        isNull(onboardingCodes.revokedAt),
      ),
    );
}

/**
 * Issues a code and revokes the homeowner's older open ones; answers the code.
 * Throws `UnknownHomeownerError` where the homeowner is not this tenant's.
 */
export function issueOnboardingCode(
  db: Database,
  { homeownerId, validForMs }: { homeownerId: string; validForMs: number },
): Promise<string> {
  if (!isUuid(homeownerId)) return Promise.reject(new UnknownHomeownerError());
  const code = onboardingCode();
  return db.transaction(async (tx) => {
    // Two at once take turns here, so that one open code is left, not two.
    const locked = await tx
      .select({ email: homeowners.email })
      .from(homeowners)
      .where(eq(homeowners.id, homeownerId))
      .for("update");
    const [homeowner] = locked;
    if (homeowner === undefined) throw new UnknownHomeownerError();

    await tx
      .update(onboardingCodes)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(onboardingCodes.homeownerId, homeownerId), isOpenCode));
    const expiresAt = sql`now() + ${validForMs} * interval '1 millisecond'`;
    expectOne(
      await tx
        .insert(onboardingCodes)
        // The clock's time, not the transaction's: the one that waited for its turn is the newer one.
        .values({ homeownerId, code, expiresAt, createdAt: sql`clock_timestamp()` })
        .returning({ id: onboardingCodes.id }),
    );
    await addToDirectory(tx, "onboarding_code", code);
    await addHomeToDirectory(tx, homeowner.email);
    return code;
  });
}

/** The homeowner does not exist, or is another tenant's. */
export class UnknownHomeownerError extends Error {
  readonly code = "UNKNOWN_HOMEOWNER";

  constructor() {
    super("There is no such homeowner in this tenant; nothing was issued.");
    this.name = "UnknownHomeownerError";
  }
}
