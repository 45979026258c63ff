import { and, eq, gt, isNotNull, isNull, lte, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { normalizeEmail } from "../email.ts";
import { redeemOnce, type SessionToOpen } from "../redemption.ts";
import { developments, homeowners, onboardingCodes, signInLinks, tenants, units } from "../schema/index.ts";

/** Homes of one address in one company that a link is made for. */
const MOST_HOMES = 5;

/** A home that somebody may come back to, as its mail names it. */
export interface OpenedHome {
  homeownerId: string;
  homeownerName: string;
  email: string;
  unitLabel: string;
  developmentName: string;
  tenantName: string;
}

/**
 * Whether a code that was used, and that nobody has taken back, opened the home of `homeownerId` before `at`: a link comes
 * after a code and never instead of one.
 */
const wasOpened = (db: Database, homeownerId: SQL, at: SQL): SQL => {
  const used = db
    .select({ one: sql`1` })
    .from(onboardingCodes)
    .where(
      and(
        sql`${onboardingCodes.homeownerId} = ${homeownerId}`,
        isNotNull(onboardingCodes.usedAt),
        isNull(onboardingCodes.revokedAt),
        lte(onboardingCodes.usedAt, at),
      ),
    );
  return sql`exists (${used})`;
};

/** The homes of an e-mail address that were opened with a code, five at most. */
export function listOpenedHomes(db: Database, email: string): Promise<OpenedHome[]> {
  return db
    .select({
      homeownerId: homeowners.id,
      homeownerName: homeowners.name,
      email: homeowners.email,
      unitLabel: units.label,
      developmentName: developments.name,
      tenantName: tenants.name,
    })
    .from(homeowners)
    .innerJoin(tenants, eq(tenants.tenantId, homeowners.tenantId))
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .innerJoin(
      developments,
      and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId)),
    )
    .where(
      and(eq(homeowners.emailKey, normalizeEmail(email)), wasOpened(db, sql`${homeowners.id}`, sql`now()`)),
    )
    .orderBy(units.label, homeowners.id)
    .limit(MOST_HOMES);
}

/** Keeps a link that was made for a homeowner. @param tokenHash keyed; the token itself is in the mail alone. */
export async function addSignInLink(
  db: Database,
  link: { homeownerId: string; tokenHash: string; validForMs: number },
): Promise<void> {
  const { homeownerId, tokenHash, validForMs } = link;
  const expiresAt = sql`now() + ${validForMs} * interval '1 millisecond'`;
  await db.insert(signInLinks).values({ homeownerId, tokenHash, expiresAt });
}

/** Uses up the links of a homeowner that nobody has used. */
export async function endSignInLinks(db: Database, homeownerId: string): Promise<void> {
  await db
    .update(signInLinks)
    .set({ usedAt: sql`now()` })
    .where(and(eq(signInLinks.homeownerId, homeownerId), isNull(signInLinks.usedAt)));
}

/** `closed`: staff have taken back the code that the home was opened with. */
export type SignInLinkState = "open" | "used" | "expired" | "closed";

export interface FoundSignInLink {
  state: SignInLinkState;
  homeownerName: string;
  unitLabel: string;
  developmentName: string;
}

/** By the server's clock; a link that was used stays used after its time. */
const stateOf = (db: Database): SQL<SignInLinkState> => sql`case
  when ${signInLinks.usedAt} is not null then 'used'
  when ${signInLinks.expiresAt} <= now() then 'expired'
  when not ${wasOpened(db, sql`${signInLinks.homeownerId}`, sql`${signInLinks.createdAt}`)} then 'closed'
  else 'open' end`;

/** Whose home a link opens, without using it up; null for an unknown one. */
export async function findSignInLink(db: Database, tokenHash: string): Promise<FoundSignInLink | null> {
  const [found] = await db
    .select({
      state: stateOf(db),
      homeownerName: homeowners.name,
      unitLabel: units.label,
      developmentName: developments.name,
    })
    .from(signInLinks)
    .innerJoin(
      homeowners,
      and(eq(homeowners.tenantId, signInLinks.tenantId), eq(homeowners.id, signInLinks.homeownerId)),
    )
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .innerJoin(
      developments,
      and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId)),
    )
    .where(eq(signInLinks.tokenHash, tokenHash));
  return found ?? null;
}

export type LinkRedemption =
  | { outcome: "redeemed"; homeownerId: string; sessionId: string }
  | { outcome: "unknown" | Exclude<SignInLinkState, "open"> };

/**
 * Uses a link up and opens its homeowner's session, both or neither, in one statement: of two at once the second gets "used".
 */
export async function redeemSignInLink(
  db: Database,
  tokenHash: string,
  session: SessionToOpen,
): Promise<LinkRedemption> {
  const isThis = eq(signInLinks.tokenHash, tokenHash);
  const opens = and(
    isThis,
    isNull(signInLinks.usedAt),
    gt(signInLinks.expiresAt, sql`now()`),
    wasOpened(db, sql`${signInLinks.homeownerId}`, sql`${signInLinks.createdAt}`),
  );
  const key = { table: signInLinks, isThis, opens, state: stateOf(db) };
  const redeemed = await redeemOnce(db, key, session);
  if (redeemed.sessionId !== null) return { outcome: "redeemed", ...redeemed };
  // A statement sees the rows as they were when it began: what was open then, and is not ours, somebody has taken since.
  const { state } = redeemed;
  return { outcome: state === null ? "unknown" : state === "open" ? "used" : state };
}
