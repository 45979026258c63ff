import { forTenant, withClient } from "@openhouse/db/client";
import { issueOnboardingCode } from "@openhouse/db/queries/onboarding-codes";
import { beforeEach, describe, expect, test } from "vitest";
import { previewCode, redeemForSession } from "../src/code-redemption.ts";
import { sessionOfToken } from "../src/session.ts";
import { asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();
const address = "203.0.113.9";
let code: string;
let homeownerId: string;

beforeEach(async () => {
  await withClient((client) => client.query("delete from rate_limits"));
  const [home] = await asTenant(HARBOUR, "select id from homeowners order by id limit 1");
  homeownerId = Object(home).id;
  code = await issueOnboardingCode(forTenant(HARBOUR), { homeownerId, validForMs: 60_000 });
});

test("a code takes its homeowner in, once", async () => {
  const redeemed = await redeemForSession(code, address);
  if (redeemed.outcome !== "welcome") throw new Error(`got ${redeemed.outcome}`);
  const session = await sessionOfToken("tenant", redeemed.session.token);
  expect(session).toMatchObject({ kind: "homeowner", tenantId: HARBOUR, homeowner: { id: homeownerId } });
  expect(await redeemForSession(code, address)).toEqual({ outcome: "used" });
});

test("of two at once, one is let in", async () => {
  const both = await Promise.all([redeemForSession(code, address), redeemForSession(code, "198.51.100.1")]);
  expect(both.map(({ outcome }) => outcome).sort()).toEqual(["used", "welcome"]);
});

test("looking at a code burns nothing, and says whose home it opens", async () => {
  const [seeded] = database.seeded.onboarding;
  expect(await previewCode(seeded?.code ?? "")).toMatchObject({
    state: "open",
    homeownerName: seeded?.homeownerName,
    unitLabel: seeded?.unitLabel,
  });
  await previewCode(code);
  expect(await redeemForSession(code, address)).toMatchObject({ outcome: "welcome" });
});

test("a code is understood as somebody types it from paper", async () => {
  const typed = (code.match(/.{1,5}/g) ?? []).join("-").toLowerCase();
  expect(await redeemForSession(` ${typed} `, address)).toMatchObject({ outcome: "welcome" });
});

test("a code is not used up when nobody was let in", async () => {
  await database.asOwner("revoke insert on sessions from public, openhouse_test_app");
  await expect(redeemForSession(code, address)).rejects.toThrow();
  await database.asOwner("grant insert on sessions to openhouse_test_app");
  expect(await redeemForSession(code, address)).toMatchObject({ outcome: "welcome" });
});

describe("nobody is let in by a code", () => {
  test.for(["", "\0", "0".repeat(20), "x".repeat(1_000_000)])("that does not exist (%#)", async (unknown) => {
    expect(await previewCode(unknown)).toBeNull();
    expect(await redeemForSession(unknown, address)).toEqual({ outcome: "unknown" });
  });

  test("that has expired", async () => {
    await asTenant(HARBOUR, "update onboarding_codes set expires_at = now() where code = $1", [code]);
    expect(await redeemForSession(code, address)).toEqual({ outcome: "expired" });
  });

  test("that a newer one replaced", async () => {
    await issueOnboardingCode(forTenant(HARBOUR), { homeownerId, validForMs: 60_000 });
    expect(await redeemForSession(code, address)).toEqual({ outcome: "revoked" });
  });
});

test("guessing ends after thirty codes that do not exist; codes that do are no guesses", async () => {
  for (let count = 0; count < 30; count++) await redeemForSession(`guess ${count}`, address);
  expect(await redeemForSession(code, address)).toEqual({ outcome: "limited" });
  expect(await redeemForSession(code, "198.51.100.1")).toMatchObject({ outcome: "welcome" });
  for (let count = 0; count < 35; count++) {
    expect(await redeemForSession(code, "192.0.2.7")).toEqual({ outcome: "used" });
  }
});
