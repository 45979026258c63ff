import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { type StaffRole, staff, staffLinks } from "../schema/index.ts";
import { asUuid, isUuid } from "../uuid.ts";
import { unlessTaken } from "../violations.ts";
import { noteActivity } from "./activity.ts";
import { endSessions } from "./sessions.ts";
import { addStaff, type NewStaff } from "./staff.ts";

/** Of an account whose owner has set no password so far: argon2id as the others, so that a try takes as long, of bytes that nobody has. */
const UNSET_PASSWORD =
  "$argon2id$v=19$m=19456,t=2,p=1$67/ODEHW9qR39eRz5WVxHA$TLwcQpv8Y2Uowu9pyRPIml9D0lFyJQNQTRXso/hPLLk";

export interface StaffAccount {
  id: string;
  name: string;
  email: string;
  role: StaffRole;
  disabledAt: Date | null;
  /** Whether they have set no password so far. */
  isInvited: boolean;
}

const ACCOUNT = {
  id: staff.id,
  name: staff.name,
  email: staff.email,
  role: staff.role,
  disabledAt: staff.disabledAt,
  isInvited: sql<boolean>`${staff.passwordHash} = ${UNSET_PASSWORD}`,
};

/** Everybody who has an account at the company, by name, those whose account is disabled last. One statement. */
export function listStaff(db: Database): Query<StaffAccount[]> {
  const rows = db
    .select(ACCOUNT)
    .from(staff)
    .orderBy(sql`${staff.disabledAt} is not null`, asc(staff.name), asc(staff.id));
  return mapQuery(rows, (found) => found);
}

/** Null where there is none. */
export function findStaffAccount(db: Database, id: string): Query<StaffAccount | null> {
  const rows = db
    .select(ACCOUNT)
    .from(staff)
    .where(eq(staff.id, asUuid(id)));
  return mapQuery(rows, ([account]) => account ?? null);
}

/** Adds an account without a password, and a link to set one; `taken` where the e-mail address has one, here or elsewhere. */
export async function inviteStaff(
  db: Database,
  by: string,
  { validForMs, ...account }: Pick<NewStaff, "email" | "name" | "role"> & { validForMs: number },
): Promise<{ staffId: string; linkId: string } | "taken"> {
  return unlessTaken(
    db.transaction(async (tx) => {
      const staffId = await addStaff(tx, { ...account, passwordHash: UNSET_PASSWORD });
      await noteActivity(tx, { staffId: by, kind: "staff.invited", about: account.name });
      return { staffId, linkId: await addLink(tx, staffId, validForMs) };
    }),
  );
}

/** Makes a colleague a link to set a password anew, which ends the one before; null where their account is gone or disabled. */
export async function makeStaffLink(
  db: Database,
  by: string,
  { id, validForMs }: { id: string; validForMs: number },
): Promise<string | null> {
  return db.transaction(async (tx) => {
    const account = await findStaffAccount(tx, id);
    if (account === null || account.disabledAt !== null) return null;
    await noteActivity(tx, { staffId: by, kind: "staff.link_made", about: account.name });
    return addLink(tx, id, validForMs);
  });
}

/** Notes nothing: for who sets their own. */
export const makeOwnLink = (db: Database, staffId: string): Promise<string> => addLink(db, staffId, 60_000);

async function addLink(db: Database, staffId: string, validForMs: number): Promise<string> {
  const expiresAt = sql`now() + ${validForMs} * interval '1 millisecond'`;
  // Not now(): of two links of one transaction's time neither would be the newest.
  const values = { staffId, expiresAt, createdAt: sql`clock_timestamp()` };
  return expectOne(await db.insert(staffLinks).values(values).returning({ id: staffLinks.id })).id;
}

export interface FoundStaffLink {
  name: string;
  email: string;
  /** Whether a password can be set by it. */
  isGood: boolean;
}

/** Whose password a link sets, without using it up; null where there is none. One statement. */
export async function findStaffLink(db: Database, id: string): Promise<FoundStaffLink | null> {
  const newest = db
    .select({ id: staffLinks.id })
    .from(staffLinks)
    .where(and(eq(staffLinks.tenantId, staff.tenantId), eq(staffLinks.staffId, staff.id)))
    .orderBy(desc(staffLinks.createdAt))
    .limit(1);
  const [found] = await db
    .select({
      name: staff.name,
      email: staff.email,
      isGood: sql<boolean>`${staffLinks.usedAt} is null and ${staffLinks.expiresAt} > now()
        and ${staff.disabledAt} is null and ${staffLinks.id} = (${newest})`,
    })
    .from(staffLinks)
    .innerJoin(staff, and(eq(staff.tenantId, staffLinks.tenantId), eq(staff.id, staffLinks.staffId)))
    .where(eq(staffLinks.id, asUuid(id)));
  return found ?? null;
}

/**
 * Sets a password by a link, which is used up, and ends the sessions of whose it is but one; answers who that is and which ended. Null
 * where the link is not good any more.
 *
 * @param passwordHash of argon2id.
 */
export async function setStaffPassword(
  db: Database,
  { linkId, passwordHash, except }: { linkId: string; passwordHash: string; except?: string },
): Promise<{ staffId: string; sessionIds: string[] } | null> {
  if (!isUuid(linkId)) return null;
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string | null }>(
      sql`select staff_set_password(${linkId}, ${passwordHash}) as id`,
    );
    const staffId = rows[0]?.id ?? null;
    if (staffId === null) return null;
    const sessionIds = await endSessions(tx, { staffId }, except === undefined ? {} : { except });
    return { staffId, sessionIds };
  });
}

/** Gives a colleague another role. False where that is oneself, their account is gone, or one's own role is not that any more. */
export async function changeStaffRole(
  db: Database,
  by: string,
  { id, role }: { id: string; role: StaffRole },
): Promise<boolean> {
  return asManager(db, by, id, async (tx) => {
    const [changed] = await tx
      .update(staff)
      .set({ role })
      .where(eq(staff.id, id))
      .returning({ name: staff.name });
    if (changed === undefined) return false;
    await noteActivity(tx, { staffId: by, kind: "staff.role_changed", about: changed.name });
    return true;
  });
}

/** Disables a colleague's account; answers the ids of the sessions that ended with it, null as {@link changeStaffRole} is false. */
export async function disableStaff(db: Database, by: string, id: string): Promise<string[] | null> {
  const ended = await asManager(db, by, id, async (tx) => {
    const [disabled] = await tx
      .update(staff)
      .set({ disabledAt: sql`now()` })
      .where(and(eq(staff.id, id), isNull(staff.disabledAt)))
      .returning({ name: staff.name });
    if (disabled === undefined) return false;
    await noteActivity(tx, { staffId: by, kind: "staff.disabled", about: disabled.name });
    return endSessions(tx, { staffId: id });
  });
  return ended === false ? null : ended;
}

/** Lets a colleague in again. */
export async function enableStaff(db: Database, by: string, id: string): Promise<boolean> {
  return asManager(db, by, id, async (tx) => {
    const [enabled] = await tx
      .update(staff)
      .set({ disabledAt: null })
      .where(eq(staff.id, id))
      .returning({ name: staff.name });
    if (enabled === undefined) return false;
    await noteActivity(tx, { staffId: by, kind: "staff.enabled", about: enabled.name });
    return true;
  });
}

/**
 * Does `work` while nobody else changes who manages the company: of two who take each other's role at once, the second one has none
 * any more. As nobody changes their own, somebody who can is always left.
 */
async function asManager<T>(
  db: Database,
  by: string,
  id: string,
  work: (tx: Database) => Promise<T | false>,
): Promise<T | false> {
  if (!isUuid(id) || id.toLowerCase() === by) return false;
  return db.transaction(async (tx) => {
    const managers = await tx
      .select({ id: staff.id })
      .from(staff)
      .where(and(eq(staff.role, "developer"), isNull(staff.disabledAt)))
      .orderBy(asc(staff.id))
      .for("update");
    return managers.some((each) => each.id === by) ? work(tx) : false;
  });
}
