import type { Query } from "@openhouse/pool/drizzle";
import { and, desc, eq, gt, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { prepareFor } from "../prepare-for.ts";
import { homeowners, type StaffRole, sessions, staff, tenants } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";

/** What may be shown of where somebody is signed in; null where the browser did not say. */
export interface Device {
  readonly browser: string | null;
  readonly system: string | null;
}

/** Whose sessions. */
export type Person = { staffId: string; homeownerId?: never } | { staffId?: never; homeownerId: string };

export type NewSession = { expiresAt: Date } & Partial<Device> & Person;

export type SessionSubject =
  | { kind: "staff"; id: string; name: string; email: string; role: StaffRole; isOperator: boolean }
  | { kind: "homeowner"; id: string; name: string };

export interface ActiveSession {
  id: string;
  expiresAt: Date;
  /** Whether `noteSessionSeen` would write nothing. */
  seenLately: boolean;
  tenantName: string;
  subject: SessionSubject;
}

/** Between two writes of when a session was last seen. */
const lately = sql`now() - interval '5 minutes'`;

/** Staff are out after two hours without a page, homeowners after thirty days: their next code is on paper. */
const inUse = sql`${sessions.lastSeenAt} > now() - case when ${sessions.staffId} is null then interval '30 days' else interval '2 hours' end`;

/** Neither ended nor over, by the server's clock. */
export const isActiveSession = and(
  isNull(sessions.revokedAt),
  gt(sessions.expiresAt, sql`now()`),
  inUse,
) as SQL;

/** Answers the new session's id. Throws 23503 where the person is not this tenant's. */
export async function createSession(db: Database, session: NewSession): Promise<string> {
  return expectOne(await db.insert(sessions).values(session).returning({ id: sessions.id })).id;
}

const activeSession = prepareFor((db) =>
  db
    .select({
      id: sessions.id,
      expiresAt: sessions.expiresAt,
      seenLately: sql<boolean>`${sessions.lastSeenAt} >= ${lately}`,
      tenantName: tenants.name,
      staff: {
        id: staff.id,
        name: staff.name,
        email: staff.email,
        role: staff.role,
        isOperator: staff.isOperator,
      },
      homeowner: { id: homeowners.id, name: homeowners.name },
    })
    .from(sessions)
    .innerJoin(tenants, eq(tenants.tenantId, sessions.tenantId))
    .leftJoin(staff, and(eq(staff.tenantId, sessions.tenantId), eq(staff.id, sessions.staffId)))
    .leftJoin(
      homeowners,
      and(eq(homeowners.tenantId, sessions.tenantId), eq(homeowners.id, sessions.homeownerId)),
    )
    .where(and(eq(sessions.id, sql.placeholder("id")), isActiveSession, isNull(staff.disabledAt))),
);

/** The session and whose it is; null when it is unknown, over, ended, not used for long, or its account is disabled. */
export function findActiveSession(db: Database, id: string): Query<ActiveSession | null> {
  return activeSession(db, { id }).map(([row]) => {
    if (!row) return null;
    const { staff: account, homeowner, ...session } = row;
    if (account) return { ...session, subject: { kind: "staff", ...account } };
    if (homeowner) return { ...session, subject: { kind: "homeowner", ...homeowner } };
    return null;
  });
}

/** Notes that a session is used now, unless that was noted within five minutes. */
export async function noteSessionSeen(db: Database, id: string): Promise<void> {
  await db
    .update(sessions)
    .set({ lastSeenAt: sql`now()` })
    .where(and(eq(sessions.id, id), lt(sessions.lastSeenAt, lately), isNull(sessions.revokedAt)));
}

/** Ends a session; whether it had not ended before. */
export async function revokeSession(db: Database, id: string): Promise<boolean> {
  const ended = await db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  return ended.length > 0;
}

export interface ListedSession extends Device {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
}

/** Where a person is signed in, the one used last first. */
export function listSessions(db: Database, person: Person): Promise<ListedSession[]> {
  return db
    .select({
      id: sessions.id,
      browser: sessions.browser,
      system: sessions.system,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
    })
    .from(sessions)
    .where(and(isOf(person), isActiveSession))
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.id))
    .limit(100);
}

/** Ends a person's sessions: one of them, all but one, or all. Answers the ids of those that it ended. */
export async function endSessions(
  db: Database,
  person: Person,
  which: { only?: string; except?: string } = {},
): Promise<string[]> {
  const { only, except } = which;
  if (only !== undefined && !isUuid(only)) return [];
  if (person.homeownerId !== undefined && !isUuid(person.homeownerId)) return [];
  const ended = await db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        isOf(person),
        isActiveSession,
        only === undefined ? undefined : eq(sessions.id, only),
        except === undefined ? undefined : ne(sessions.id, except),
      ),
    )
    .returning({ id: sessions.id });
  return ended.map(({ id }) => id);
}

export interface NewDevice extends Device {
  sessionId: string;
  createdAt: Date;
  isActive: boolean;
}

/** As many are listed. */
export const MOST_NEW_DEVICES = 100;

/**
 * Other sessions of a homeowner that this one was not told of: those that began since it was, and where it never was, also
 * those that were there before it and still are. The newest first, {@link MOST_NEW_DEVICES} at most.
 */
export function listNewDevices(
  db: Database,
  of: { homeownerId: string; sessionId: string },
): Query<NewDevice[]> {
  return newDevices(db, of);
}

const newDevices = prepareFor((db) => {
  const own = alias(sessions, "own");
  return db
    .select({
      sessionId: sessions.id,
      browser: sessions.browser,
      system: sessions.system,
      createdAt: sessions.createdAt,
      isActive: sql<boolean>`${isActiveSession}`,
    })
    .from(sessions)
    .innerJoin(own, and(eq(own.tenantId, sessions.tenantId), eq(own.id, sql.placeholder("sessionId"))))
    .where(
      and(
        eq(sessions.homeownerId, sql.placeholder("homeownerId")),
        ne(sessions.id, sql.placeholder("sessionId")),
        or(
          gt(sessions.createdAt, sql`coalesce(${own.devicesSeenAt}, ${own.createdAt})`),
          and(isNull(own.devicesSeenAt), isActiveSession),
        ),
      ),
    )
    .orderBy(desc(sessions.createdAt))
    .limit(MOST_NEW_DEVICES);
});

/** Notes that `sessionId` was told of its person's sessions up to `newest`, and of none that began behind that one. */
export async function noteDevicesSeen(
  db: Database,
  { homeownerId, sessionId, newest }: { homeownerId: string; sessionId: string; newest: string },
): Promise<void> {
  if (!isUuid(newest)) return;
  const seen = alias(sessions, "seen");
  const until = db
    .select({ at: seen.createdAt })
    .from(seen)
    .where(and(eq(seen.tenantId, sessions.tenantId), eq(seen.id, newest), eq(seen.homeownerId, homeownerId)));
  await db
    .update(sessions)
    .set({ devicesSeenAt: sql`greatest(${sessions.devicesSeenAt}, (${until}))` })
    .where(eq(sessions.id, sessionId));
}

const isOf = ({ staffId, homeownerId }: Person): SQL =>
  staffId === undefined ? eq(sessions.homeownerId, homeownerId) : eq(sessions.staffId, staffId);
