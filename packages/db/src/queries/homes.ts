import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, eq, inArray, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { homeowners, onboardingCodes, sessions, units } from "../schema/index.ts";
import { asUuid } from "../uuid.ts";
import { isOpenCode } from "./onboarding-codes.ts";
import { isActiveSession } from "./sessions.ts";

/** The homes of a development, or one of them. */
export type Homes = { developmentId: string; unitId?: never } | { developmentId?: never; unitId: string };

const within = ({ developmentId, unitId }: Homes): SQL =>
  unitId === undefined ? eq(units.developmentId, asUuid(developmentId)) : eq(units.id, asUuid(unitId));

/** Whose homes these are. */
const residents = (db: Database, homes: Homes) =>
  db
    .select({ id: homeowners.id })
    .from(units)
    .innerJoin(homeowners, and(eq(homeowners.tenantId, units.tenantId), eq(homeowners.unitId, units.id)))
    .where(within(homes));

/** A code that opened its home, and that nobody has taken back: what a link by e-mail rests on. */
const wasUsed = and(isNotNull(onboardingCodes.usedAt), isNull(onboardingCodes.revokedAt));

export interface HomeAccess {
  /** On so many devices somebody is signed in. */
  devices: number;
  /** So many codes are ready to scan. */
  openCodes: number;
  /** So many homeowners have opened their home and are sent a link by e-mail when they ask for one. */
  byLink: number;
}

/** Who can come into these homes now. One statement. */
export function countHomeAccess(db: Database, homes: Homes): Query<HomeAccess> {
  const ofResidents = and(eq(homeowners.tenantId, units.tenantId), eq(homeowners.unitId, units.id));
  const rows = db
    .select({
      devices: sql`coalesce(sum((
        select count(*) from ${sessions}
         where ${and(eq(sessions.tenantId, homeowners.tenantId), eq(sessions.homeownerId, homeowners.id), isActiveSession)}
      )), 0)`.mapWith(Number),
      openCodes: sql`coalesce(sum((
        select count(*) from ${onboardingCodes}
         where ${and(eq(onboardingCodes.tenantId, homeowners.tenantId), eq(onboardingCodes.homeownerId, homeowners.id), isOpenCode)}
      )), 0)`.mapWith(Number),
      byLink: sql`count(*) filter (where exists (
        select 1 from ${onboardingCodes}
         where ${and(eq(onboardingCodes.tenantId, homeowners.tenantId), eq(onboardingCodes.homeownerId, homeowners.id), wasUsed)}
      ))`.mapWith(Number),
    })
    .from(units)
    .innerJoin(homeowners, ofResidents)
    .where(within(homes));
  return mapQuery(rows, ([counted]) => counted ?? { devices: 0, openCodes: 0, byLink: 0 });
}

export interface ClosedHome {
  homeownerId: string;
  /** Of the sessions that were ended. */
  sessionIds: string[];
  /** Whether a code was withdrawn. */
  codeWithdrawn: boolean;
}

/**
 * Signs the homeowners of these homes out and withdraws their codes, those that were used as well: a link by e-mail opens
 * only what a code has opened. Answers those for whom that made a difference now.
 */
export async function closeHomes(db: Database, homes: Homes): Promise<ClosedHome[]> {
  const ended = await db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(and(inArray(sessions.homeownerId, residents(db, homes)), isActiveSession))
    .returning({ id: sessions.id, homeownerId: sessions.homeownerId });
  const withdrawn = await db
    .update(onboardingCodes)
    .set({ revokedAt: sql`now()` })
    .where(and(inArray(onboardingCodes.homeownerId, residents(db, homes)), isNull(onboardingCodes.revokedAt)))
    .returning({
      homeownerId: onboardingCodes.homeownerId,
      // As it was before: `revoked_at` is not null any more.
      wasOpen: sql<boolean>`${onboardingCodes.usedAt} is null and ${onboardingCodes.expiresAt} > now()`,
    });
  const closed = new Map<string, ClosedHome>();
  const of = (homeownerId: string): ClosedHome => {
    const known = closed.get(homeownerId) ?? { homeownerId, sessionIds: [], codeWithdrawn: false };
    closed.set(homeownerId, known);
    return known;
  };
  for (const { id, homeownerId } of ended) if (homeownerId !== null) of(homeownerId).sessionIds.push(id);
  for (const { homeownerId, wasOpen } of withdrawn) if (wasOpen) of(homeownerId).codeWithdrawn = true;
  return [...closed.values()];
}
