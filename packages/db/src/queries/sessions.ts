import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { homeowners, type StaffRole, sessions, staff, tenants } from "../schema/index.ts";

export type NewSession = { expiresAt: Date } & (
  | { staffId: string; homeownerId?: never }
  | { staffId?: never; homeownerId: string }
);

export type SessionSubject =
  | { kind: "staff"; id: string; name: string; email: string; role: StaffRole }
  | { kind: "homeowner"; id: string; name: string };

export interface ActiveSession {
  id: string;
  expiresAt: Date;
  tenantName: string;
  subject: SessionSubject;
}

/** Answers the new session's id. Throws 23503 where the person is not this tenant's. */
export async function createSession(db: Database, session: NewSession): Promise<string> {
  return expectOne(await db.insert(sessions).values(session).returning({ id: sessions.id })).id;
}

/** The session and whose it is; null when it is unknown, expired, revoked, or its account is disabled. */
export async function findActiveSession(db: Database, id: string): Promise<ActiveSession | null> {
  const [row] = await db
    .select({
      id: sessions.id,
      expiresAt: sessions.expiresAt,
      tenantName: tenants.name,
      staff: { id: staff.id, name: staff.name, email: staff.email, role: staff.role },
      homeowner: { id: homeowners.id, name: homeowners.name },
    })
    .from(sessions)
    .innerJoin(tenants, eq(tenants.tenantId, sessions.tenantId))
    .leftJoin(staff, and(eq(staff.tenantId, sessions.tenantId), eq(staff.id, sessions.staffId)))
    .leftJoin(
      homeowners,
      and(eq(homeowners.tenantId, sessions.tenantId), eq(homeowners.id, sessions.homeownerId)),
    )
    .where(
      and(
        eq(sessions.id, id),
        isNull(sessions.revokedAt),
        gt(sessions.expiresAt, sql`now()`),
        isNull(staff.disabledAt),
      ),
    );
  if (!row) return null;
  const { staff: account, homeowner, ...session } = row;
  if (account) return { ...session, subject: { kind: "staff", ...account } };
  if (homeowner) return { ...session, subject: { kind: "homeowner", ...homeowner } };
  return null;
}

/** Ends a session. Doing it again changes nothing. */
export async function revokeSession(db: Database, id: string): Promise<void> {
  await db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)));
}
