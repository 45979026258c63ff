import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import {
  createSession,
  endSessions,
  findActiveSession,
  listNewDevices,
  listSessions,
  noteDevicesSeen,
  noteSessionSeen,
  revokeSession,
} from "../../src/queries/sessions.ts";
import { sessions, staff } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { AMELIA, BETH, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

usePortalDatabase();

const inAnHour = () => new Date(Date.now() + 3_600_000);

test("a session tells whose it is: staff", async () => {
  const expiresAt = inAnHour();
  const id = await createSession(forTenant(HARBOUR), { staffId: AMELIA, expiresAt });
  expect(await findActiveSession(forTenant(HARBOUR), id)).toEqual({
    id,
    expiresAt,
    seenLately: true,
    tenantName: "Harbour & Vale Homes",
    subject: {
      kind: "staff",
      id: AMELIA,
      name: "Amelia Hart",
      email: "amelia@harbourvale.example",
      role: "developer",
      isOperator: true,
    },
  });
});

test("a session tells whose it is: a homeowner", async () => {
  const expiresAt = inAnHour();
  const id = await createSession(forTenant(HARBOUR), { homeownerId: PRIYA, expiresAt });
  expect(await findActiveSession(forTenant(HARBOUR), id)).toEqual({
    id,
    expiresAt,
    seenLately: true,
    tenantName: "Harbour & Vale Homes",
    subject: { kind: "homeowner", id: PRIYA, name: "Priya Nair" },
  });
});

test("a session ends when it is revoked, for good", async () => {
  const harbour = forTenant(HARBOUR);
  const id = await createSession(harbour, { staffId: AMELIA, expiresAt: inAnHour() });
  await revokeSession(forTenant(NORTHGATE), id); // not theirs
  expect(await findActiveSession(harbour, id)).not.toBeNull();
  await revokeSession(harbour, id);
  const revokedAt = () =>
    harbour.select({ at: sessions.revokedAt }).from(sessions).where(eq(sessions.id, id));
  const first = await revokedAt();
  await revokeSession(harbour, id);
  expect(await revokedAt()).toEqual(first);
  expect(await findActiveSession(harbour, id)).toBeNull();
});

test("a session ends at its time, by the server's clock", async () => {
  const harbour = forTenant(HARBOUR);
  const id = await createSession(harbour, { staffId: AMELIA, expiresAt: inAnHour() });
  await beyondGrants().update(sessions).set({ expiresAt: sql`now()` }).where(eq(sessions.id, id));
  expect(await findActiveSession(harbour, id)).toBeNull();
});

test("a session ends when its account is disabled", async () => {
  const harbour = forTenant(HARBOUR);
  const id = await createSession(harbour, { staffId: AMELIA, expiresAt: inAnHour() });
  await beyondGrants().update(staff).set({ disabledAt: new Date() }).where(eq(staff.id, AMELIA));
  expect(await findActiveSession(harbour, id)).toBeNull();
  await beyondGrants().update(staff).set({ disabledAt: null }).where(eq(staff.id, AMELIA));
  expect(await findActiveSession(harbour, id)).not.toBeNull();
});

test("a session is its tenant's only, and belongs to one person of that tenant", async () => {
  const id = await createSession(forTenant(HARBOUR), { staffId: AMELIA, expiresAt: inAnHour() });
  expect(await findActiveSession(forTenant(NORTHGATE), id)).toBeNull();
  expect(await findActiveSession(db, id)).toBeNull();

  const foreign = createSession(forTenant(HARBOUR), { homeownerId: BETH, expiresAt: inAnHour() });
  expect(await outcomeOf(foreign)).toBe("23503");
  const both = forTenant(HARBOUR)
    .insert(sessions)
    .values({ staffId: AMELIA, homeownerId: PRIYA, expiresAt: inAnHour() });
  expect(await outcomeOf(both)).toBe("23514");
  expect(await outcomeOf(forTenant(HARBOUR).insert(sessions).values({ expiresAt: inAnHour() }))).toBe(
    "23514",
  );
});

/** As if nothing had been heard of it for that long. */
const lastSeen = (id: string, ago: string) =>
  beyondGrants()
    .update(sessions)
    .set({ lastSeenAt: sql`now() - ${ago}::interval` })
    .where(eq(sessions.id, id));

test.for([
  ["staff", { staffId: AMELIA }, "2 hours", "119 minutes"],
  ["a homeowner", { homeownerId: PRIYA }, "30 days", "29 days"],
] as const)("a session of %s that nobody uses ends before its time", async ([, person, over, within]) => {
  const harbour = forTenant(HARBOUR);
  const id = await createSession(harbour, { ...person, expiresAt: inAnHour() });
  await lastSeen(id, over);
  expect(await findActiveSession(harbour, id)).toBeNull();
  await lastSeen(id, within);
  expect(await findActiveSession(harbour, id)).toMatchObject({ seenLately: false });
  await noteSessionSeen(harbour, id);
  expect(await findActiveSession(harbour, id)).toMatchObject({ seenLately: true });
});

test("that a session is used is written once in five minutes", async () => {
  const harbour = forTenant(HARBOUR);
  const id = await createSession(harbour, { staffId: AMELIA, expiresAt: inAnHour() });
  const seen = async () => {
    const [row] = await harbour.select({ at: sessions.lastSeenAt }).from(sessions).where(eq(sessions.id, id));
    return row?.at.getTime();
  };
  await lastSeen(id, "4 minutes");
  const before = await seen();
  await noteSessionSeen(harbour, id);
  expect(await seen()).toBe(before);
  await lastSeen(id, "6 minutes");
  await noteSessionSeen(harbour, id);
  expect(await seen()).toBeGreaterThan(before ?? 0);
});

test("a person's sessions are listed with their devices, and ended one, all others, or all", async () => {
  const harbour = forTenant(HARBOUR);
  const priya = { homeownerId: PRIYA };
  await endSessions(harbour, priya);
  const open = (browser: string) => createSession(harbour, { ...priya, browser, expiresAt: inAnHour() });
  const [one, two, three] = [await open("Chrome"), await open("Safari"), await open("Firefox")];
  const staffs = await createSession(harbour, { staffId: AMELIA, expiresAt: inAnHour() });
  await lastSeen(one, "1 hour");
  const names = async () => (await listSessions(harbour, priya)).map(({ browser }) => browser);
  expect(await names()).toEqual(["Firefox", "Safari", "Chrome"]);
  expect(await endSessions(forTenant(NORTHGATE), priya)).toEqual([]);
  expect(await endSessions(harbour, priya, { only: staffs })).toEqual([]);
  expect(await endSessions(harbour, priya, { only: "no-uuid" })).toEqual([]);
  expect(await endSessions(harbour, priya, { only: one })).toEqual([one]);
  expect(await endSessions(harbour, priya, { except: two })).toEqual([three]);
  expect(await names()).toEqual(["Safari"]);
  expect(await endSessions(harbour, priya)).toEqual([two]);
  expect(await findActiveSession(harbour, staffs)).not.toBeNull();
});

test("a session is told of the devices that came in since, until it has seen them", async () => {
  const harbour = forTenant(HARBOUR);
  const priya = { homeownerId: PRIYA };
  await endSessions(harbour, priya);
  const open = (browser: string) => createSession(harbour, { ...priya, browser, expiresAt: inAnHour() });
  const told = async (sessionId: string) =>
    (await listNewDevices(harbour, { ...priya, sessionId })).map(({ browser, isActive }) =>
      isActive ? browser : `${browser}, over`,
    );
  const own = await open("Chrome");
  expect(await told(own)).toEqual([]);
  const second = await open("Safari");
  expect(await told(own)).toEqual(["Safari"]);
  expect(await told(second)).toEqual(["Chrome"]);
  const third = await open("Firefox");
  await revokeSession(harbour, third);
  expect(await told(own)).toEqual(["Firefox, over", "Safari"]);
  await noteDevicesSeen(harbour, { ...priya, sessionId: own, newest: second });
  expect(await told(own)).toEqual(["Firefox, over"]);
  await noteDevicesSeen(harbour, { ...priya, sessionId: own, newest: third });
  await noteDevicesSeen(harbour, { ...priya, sessionId: own, newest: second });
  expect(await told(own)).toEqual([]);
  expect(await told(second)).toEqual(["Firefox, over", "Chrome"]);
});
