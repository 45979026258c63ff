import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { createSession, findActiveSession, revokeSession } from "../../src/queries/sessions.ts";
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
    tenantName: "Harbour & Vale Homes",
    subject: {
      kind: "staff",
      id: AMELIA,
      name: "Amelia Hart",
      email: "amelia@harbourvale.example",
      role: "developer",
    },
  });
});

test("a session tells whose it is: a homeowner", async () => {
  const expiresAt = inAnHour();
  const id = await createSession(forTenant(HARBOUR), { homeownerId: PRIYA, expiresAt });
  expect(await findActiveSession(forTenant(HARBOUR), id)).toEqual({
    id,
    expiresAt,
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
