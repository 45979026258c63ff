import { forTenant } from "@openhouse/db/client";
import { revokeSession } from "@openhouse/db/queries/sessions";
import { beforeEach, describe, expect, test } from "vitest";
import { isStillOperator } from "../src/figures/operator.ts";
import { pendingWorkDone } from "../src/pending-work.ts";
import { knownOperator, type NewSession, sessionOfToken, writeSession } from "../src/session.ts";
import { type SessionClaims, signSessionToken, verifySessionToken } from "../src/session-token.ts";
import { AMELIA, asTenant, HARBOUR, NORTHGATE, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();

const HOUR_MS = 3_600_000;
let opened: NewSession;
let claims: SessionClaims;

beforeEach(async () => {
  opened = await writeSession(forTenant(HARBOUR), "developer", { tenantId: HARBOUR, staffId: AMELIA });
  const read = await verifySessionToken("developer", opened.token);
  if (read === null) throw new Error("the new token was not accepted");
  claims = read;
});

test("an open session says who is signed in, and of which company", async () => {
  expect(await sessionOfToken("developer", opened.token)).toEqual({
    kind: "staff",
    sessionId: claims.sessionId,
    tenantId: HARBOUR,
    tenantName: "Harbour & Vale Homes",
    expiresAt: opened.expiresAt,
    staff: {
      id: AMELIA,
      name: "Amelia Hart",
      email: "amelia@harbourvale.example",
      role: "developer",
      isOperator: true,
    },
  });
});

test("staff are signed in for 12 hours at most, homeowners for 180 days", async () => {
  const [home] = await asTenant(HARBOUR, "select id from homeowners limit 1");
  const { id: homeownerId } = Object(home);
  const owner = await writeSession(forTenant(HARBOUR), "tenant", { tenantId: HARBOUR, homeownerId });
  const hours = ({ expiresAt }: NewSession) => (expiresAt.getTime() - Date.now()) / HOUR_MS;
  expect(hours(opened)).toBeCloseTo(12, 1);
  expect(hours(owner)).toBeCloseTo(180 * 24, 1);
  expect(await sessionOfToken("tenant", owner.token)).toMatchObject({
    kind: "homeowner",
    homeowner: { id: homeownerId },
  });
});

test("that a session is used is noted behind the request's back, and keeps it open", async () => {
  const ago = (interval: string) =>
    database.asSuperuser("update sessions set last_seen_at = now() - $2::interval where id = $1", [
      claims.sessionId,
      interval,
    ]);
  const seenAgo = async () => {
    const [row] = await database.asSuperuser(
      "select extract(epoch from now() - last_seen_at)::float as seconds from sessions where id = $1",
      [claims.sessionId],
    );
    return Number(row?.seconds);
  };
  await ago("119 minutes");
  expect(await sessionOfToken("developer", opened.token)).not.toBeNull();
  await pendingWorkDone();
  expect(await seenAgo()).toBeLessThan(60);
  await ago("2 hours");
  expect(await sessionOfToken("developer", opened.token)).toBeNull();
});

describe("nobody is signed in", () => {
  test("once the session was revoked", async () => {
    await revokeSession(forTenant(HARBOUR), claims.sessionId);
    expect(await sessionOfToken("developer", opened.token)).toBeNull();
  });

  test("once the row has expired, whatever the cookie says", async () => {
    const statement = "update sessions set expires_at = now() - interval '1 second' where id = $1";
    await database.asSuperuser(statement, [claims.sessionId]);
    expect(await sessionOfToken("developer", opened.token)).toBeNull();
  });

  test("once the account is disabled, and again when it is enabled", async () => {
    await database.asSuperuser("update staff set disabled_at = now() where id = $1", [AMELIA]);
    expect(await sessionOfToken("developer", opened.token)).toBeNull();
    await database.asSuperuser("update staff set disabled_at = null where id = $1", [AMELIA]);
    expect(await sessionOfToken("developer", opened.token)).not.toBeNull();
  });

  test("by a cookie of the other portal", async () => {
    expect(await sessionOfToken("tenant", opened.token)).toBeNull();
    expect(await sessionOfToken("tenant", await signSessionToken("tenant", claims))).toBeNull();
  });

  test("by a cookie of another company with this session's id", async () => {
    const foreign = await signSessionToken("developer", { ...claims, tenantId: NORTHGATE });
    expect(await sessionOfToken("developer", foreign)).toBeNull();
  });

  test("by a cookie for somebody else with this session's id", async () => {
    const other = await signSessionToken("developer", { ...claims, subjectId: NORTHGATE });
    expect(await sessionOfToken("developer", other)).toBeNull();
  });
});

test("an operator is known for as long as the database says so, and nobody else is", async () => {
  expect(knownOperator(claims)).toBeUndefined();
  expect(await isStillOperator(claims)).toBe(true);
  expect(knownOperator(claims)).toMatchObject({ sessionId: claims.sessionId });
  expect(knownOperator({ ...claims, subjectId: HARBOUR })).toBeUndefined();
  const make = (is: boolean) =>
    database.asSuperuser("update staff set is_operator = $2 where id = $1", [AMELIA, is]);
  await make(false);
  try {
    expect(await isStillOperator(claims)).toBe(false);
    expect(knownOperator(claims)).toBeUndefined();
  } finally {
    await make(true);
  }
  expect(await isStillOperator(claims)).toBe(true);
  await revokeSession(forTenant(HARBOUR), claims.sessionId);
  expect(await isStillOperator(claims)).toBe(false);
  expect(knownOperator(claims)).toBeUndefined();
  expect(await isStillOperator({ ...claims, expiresAt: new Date(0) })).toBe(false);
});
