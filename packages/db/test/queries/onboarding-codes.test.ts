import { waitFor } from "@openhouse/pool-testing";
import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import type { Database } from "../../src/database.ts";
import { findTenantByOnboardingCode } from "../../src/queries/directory.ts";
import {
  findOnboardingCode,
  isHomeOpen,
  issueOnboardingCode,
  redeemOnboardingCode,
  revokeOnboardingCodes,
  UnknownHomeownerError,
} from "../../src/queries/onboarding-codes.ts";
import {
  createSession,
  endSessions,
  findActiveSession,
  listSessions,
  revokeSession,
} from "../../src/queries/sessions.ts";
import * as schema from "../../src/schema/index.ts";
import { seedId } from "../../src/seed-data/deterministic.ts";
import { actAsTenant } from "../../src/signing.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { withServer } from "../support/template.ts";
import { BETH, CALLUM, HARBOUR, NORTHGATE, PRIYA, testSigning } from "../support/tenants.ts";

const { onboardingCodes } = schema;
const database = usePortalDatabase();

const sessionExpiresAt = new Date(Date.now() + 60_000);
const redeem = (db: Database, code: string) => redeemOnboardingCode(db, code, { sessionExpiresAt });

const issue = (validForMs = 60_000) =>
  issueOnboardingCode(forTenant(HARBOUR), { homeownerId: CALLUM, validForMs });

test("a code is random, leads to its tenant, and says whose home it opens without being used up", async () => {
  const code = await issue();
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
  expect(await issue()).not.toBe(code);
  expect(await findTenantByOnboardingCode(db, code)).toBe(HARBOUR);
  const newest = await issue();
  for (let times = 0; times < 2; times++) {
    expect(await findOnboardingCode(forTenant(HARBOUR), newest)).toEqual({
      state: "open",
      homeownerName: "Callum Doyle",
      unitLabel: "Flat 2",
      developmentName: "Cooper's Quay",
    });
  }
});

test("a code is good once", async () => {
  const code = await issue();
  const typed = code.toLowerCase().replace(/(.{4})/g, "$1-");
  expect(await redeem(forTenant(HARBOUR), typed)).toEqual({
    outcome: "redeemed",
    homeownerId: CALLUM,
    sessionId: expect.any(String),
  });
  expect(await redeem(forTenant(HARBOUR), code)).toEqual({ outcome: "used" });
  expect(await findOnboardingCode(forTenant(HARBOUR), code)).toMatchObject({ state: "used" });
});

test("a code is good until its time, and lasts as long as was said", async () => {
  const harbour = forTenant(HARBOUR);
  const code = await issue(90_000);
  const [row] = await harbour
    .select({
      seconds: sql<number>`extract(epoch from ${onboardingCodes.expiresAt} - now())`.mapWith(Number),
    })
    .from(onboardingCodes)
    .where(eq(onboardingCodes.code, code));
  expect(row?.seconds).toBeGreaterThan(60);
  expect(row?.seconds).toBeLessThanOrEqual(90);
  await beyondGrants()
    .update(onboardingCodes)
    .set({ expiresAt: sql`now()` })
    .where(eq(onboardingCodes.code, code));
  expect(await redeem(harbour, code)).toEqual({ outcome: "expired" });
  expect(await findOnboardingCode(harbour, code)).toMatchObject({ state: "expired" });
});

test("a new code revokes the open ones before it, and leaves the rest as they are", async () => {
  const used = await issue();
  await redeem(forTenant(HARBOUR), used);
  const older = await issue();
  const newer = await issue();
  expect(await redeem(forTenant(HARBOUR), older)).toEqual({ outcome: "revoked" });
  expect(await redeem(forTenant(HARBOUR), used)).toEqual({ outcome: "used" });
  expect(await findOnboardingCode(forTenant(HARBOUR), newer)).toMatchObject({ state: "open" });
});

test("an unknown code, and another tenant's, are unknown and stay open", async () => {
  const code = await issue();
  expect(await redeem(forTenant(HARBOUR), "NOSUCHCODE")).toEqual({ outcome: "unknown" });
  expect(await redeem(forTenant(NORTHGATE), code)).toEqual({ outcome: "unknown" });
  expect(await redeem(db, code)).toEqual({ outcome: "unknown" });
  expect(await findOnboardingCode(forTenant(NORTHGATE), code)).toBeNull();
  expect(await findOnboardingCode(forTenant(HARBOUR), code)).toMatchObject({ state: "open" });
});

test.each([BETH, "nobody"])("a code for %s, who is not this tenant's, is not issued", async (homeownerId) => {
  const foreign = issueOnboardingCode(forTenant(HARBOUR), { homeownerId, validForMs: 1_000 });
  await expect(foreign).rejects.toThrow(UnknownHomeownerError);
});

test("a redeemed code has opened a session of its homeowner; a refused one, none", async () => {
  const harbour = forTenant(HARBOUR);
  const code = await issue();
  const redeemed = await redeem(harbour, code);
  if (redeemed.outcome !== "redeemed") throw new Error(redeemed.outcome);
  const session = await findActiveSession(harbour, redeemed.sessionId);
  expect(session).toMatchObject({ expiresAt: sessionExpiresAt, subject: { kind: "homeowner", id: CALLUM } });
  const count = () => harbour.$count(schema.sessions);
  const before = await count();
  await redeem(harbour, code);
  await redeem(harbour, "NOSUCHCODE");
  expect(await count()).toBe(before);
});

test("a home is open once a code of it was used, and while somebody is in", async () => {
  const harbour = forTenant(HARBOUR);
  const ines = seedId("harbour-vale/Cooper's Quay/Flat 3/ines.moreau@example.com");
  expect(await isHomeOpen(harbour, ines)).toBe(false);
  const session = await createSession(harbour, { homeownerId: ines, expiresAt: sessionExpiresAt });
  expect(await isHomeOpen(harbour, ines)).toBe(true);
  await revokeSession(harbour, session);
  expect(await isHomeOpen(harbour, ines)).toBe(false);
  await redeem(harbour, await issueOnboardingCode(harbour, { homeownerId: ines, validForMs: 60_000 }));
  await endSessions(harbour, { homeownerId: ines });
  expect(await isHomeOpen(harbour, ines)).toBe(true);
  expect(await isHomeOpen(forTenant(NORTHGATE), ines)).toBe(false);
  expect(await isHomeOpen(harbour, "no-uuid")).toBe(false);
});

test("the session that a code opens says on which device", async () => {
  const harbour = forTenant(HARBOUR);
  const code = await issue();
  const device = { browser: "Safari", system: "iPhone" };
  await redeemOnboardingCode(harbour, code, { sessionExpiresAt, device });
  const listed = await listSessions(harbour, { homeownerId: CALLUM });
  expect(listed.filter(({ browser }) => browser !== null)).toEqual([expect.objectContaining(device)]);
});

test("withdrawn codes open nothing; used ones and other homeowners' stay as they are", async () => {
  const harbour = forTenant(HARBOUR);
  const code = await issue();
  const others = await issueOnboardingCode(harbour, { homeownerId: PRIYA, validForMs: 60_000 });
  expect(await revokeOnboardingCodes(forTenant(NORTHGATE), CALLUM)).toBe(false);
  expect(await findOnboardingCode(harbour, code)).toMatchObject({ state: "open" });
  expect(await revokeOnboardingCodes(harbour, CALLUM)).toBe(true);
  expect(await redeem(harbour, code)).toEqual({ outcome: "revoked" });
  expect(await findOnboardingCode(harbour, others)).toMatchObject({ state: "open" });
  expect(await revokeOnboardingCodes(harbour, CALLUM)).toBe(false);
  expect(await revokeOnboardingCodes(harbour, "no-uuid")).toBe(false);
});

test("of twenty who redeem a code at once one gets in", async () => {
  const code = await issue();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => redeem(forTenant(HARBOUR), code)));
  const count = (wanted: string) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  expect([count("redeemed"), count("used")]).toEqual([1, 19]);
});

/** Runs `second` while `first` has done its work but not committed, and lets `second` wait for it. */
async function whileUncommitted<A, B>(
  first: (db: Database) => Promise<A>,
  second: () => Promise<B>,
  end: "commit" | "rollback",
): Promise<[A, B]> {
  return withServer(database().appUrl, async (client) => {
    await client.query("begin");
    await actAsTenant(client, HARBOUR, testSigning());
    const one = await first(drizzle(client, { schema }));
    const waits =
      "select 1 from pg_locks where locktype = 'transactionid' and not granted and transactionid = pg_current_xact_id()::xid";
    const other = second();
    await waitFor(async () => (await client.query(waits)).rowCount === 1, {
      what: "the second to wait for the first",
    });
    await client.query(end);
    return [one, await other];
  });
}

test("the second of two waits for the first: used when that commits, redeemed when it does not", async () => {
  const code = await issue();
  const again = () => redeem(forTenant(HARBOUR), code);
  const undone = await whileUncommitted((tx) => redeem(tx, code), again, "rollback");
  expect(undone.map(({ outcome }) => outcome)).toEqual(["redeemed", "redeemed"]);

  const another = await issue();
  const kept = await whileUncommitted(
    (tx) => redeem(tx, another),
    () => redeem(forTenant(HARBOUR), another),
    "commit",
  );
  expect(kept.map(({ outcome }) => outcome)).toEqual(["redeemed", "used"]);
});

test("a code that is being replaced while it is redeemed is one or the other", async () => {
  const code = await issue();
  const [, replacement] = await whileUncommitted(
    (tx) => redeem(tx, code),
    () => issue(),
    "commit",
  );
  expect(await findOnboardingCode(forTenant(HARBOUR), code)).toMatchObject({ state: "used" });
  expect(await findOnboardingCode(forTenant(HARBOUR), replacement)).toMatchObject({ state: "open" });
});

test("of ten codes issued at once one is open: the newest", async () => {
  const harbour = forTenant(HARBOUR);
  await Promise.all(
    Array.from({ length: 10 }, () =>
      issueOnboardingCode(harbour, { homeownerId: PRIYA, validForMs: 60_000 }),
    ),
  );
  const codes = await harbour
    .select({
      usedAt: onboardingCodes.usedAt,
      revokedAt: onboardingCodes.revokedAt,
      createdAt: onboardingCodes.createdAt,
    })
    .from(onboardingCodes)
    .where(and(eq(onboardingCodes.homeownerId, PRIYA)))
    .orderBy(sql`created_at desc`);
  const open = codes.filter(({ usedAt, revokedAt }) => usedAt === null && revokedAt === null);
  expect(open).toEqual([codes[0]]);
});
