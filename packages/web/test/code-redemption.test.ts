import { forTenant, getPoolStats, withClient } from "@openhouse/db/client";
import { issueOnboardingCode } from "@openhouse/db/queries/onboarding-codes";
import { homeowners } from "@openhouse/db/schema";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { previewCode, redeemForSession } from "../src/code-redemption.ts";
import { refusals } from "../src/refusals.ts";
import { sessionOfToken } from "../src/session.ts";
import { asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();
const address = "203.0.113.9";
let code: string;
let homeownerId: string;

beforeEach(async () => {
  await database.asSuperuser("delete from rate_limits");
  refusals.clear();
  for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => {});
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
  expect(await previewCode(seeded?.code ?? "", address)).toMatchObject({
    state: "open",
    homeownerName: seeded?.homeownerName,
    unitLabel: seeded?.unitLabel,
  });
  await previewCode(code, address);
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
    expect(await previewCode(unknown, address)).toBeNull();
    expect(await redeemForSession(unknown, address)).toEqual({ outcome: "unknown" });
  });

  test("that has expired", async () => {
    await database.asSuperuser("update onboarding_codes set expires_at = now() where code = $1", [code]);
    expect(await redeemForSession(code, address)).toEqual({ outcome: "expired" });
  });

  test("that a newer one replaced", async () => {
    await issueOnboardingCode(forTenant(HARBOUR), { homeownerId, validForMs: 60_000 });
    expect(await redeemForSession(code, address)).toEqual({ outcome: "revoked" });
  });
});

test("who has guessed too often is refused before the first statement, but for five looks and one in two seconds", async () => {
  for (let count = 0; count < 31; count++) await redeemForSession(`guess ${count}`, address);
  const startedAtMs = performance.now();
  const flood = () =>
    Promise.all(
      Array.from({ length: 500 }, (_, at) =>
        (at % 2 ? previewCode : redeemForSession)(`guess ${at}`, address),
      ),
    );
  const { texts } = await statementsOf(async () => {
    for (const answer of await flood()) expect(Object.values(answer ?? {})).toContain("limited");
  });
  const looks = 4 + Math.ceil((performance.now() - startedAtMs) / 2_000);
  expect(texts.length).toBeLessThanOrEqual(2 * looks);
});

test("a flood of guesses, of one address or of many, leaves the pool to those who are signed in", async () => {
  await Promise.all(Array.from({ length: 31 }, (_, at) => redeemForSession(`guess ${at}`, address)));
  let most = 0;
  const guess = async (from: string) => {
    for (let count = 0; count < 5; count++) {
      await redeemForSession("A".repeat(20), from).catch(() => {});
      most = Math.max(most, getPoolStats().waitingCount);
    }
  };
  const flood = Array.from({ length: 300 }, (_, at) => guess(at < 150 ? address : `198.51.100.${at - 150}`));
  for (let request = 0; request < 20; request++)
    expect(await forTenant(HARBOUR).select().from(homeowners)).not.toEqual([]);
  await Promise.all(flood);
  // Those of the strangers' share, and the one who is signed in.
  expect(most).toBeLessThanOrEqual(4);
});

describe("guessing", () => {
  const guess = (count: number) => `guess ${count}`;

  test("ends after thirty codes that do not exist, looked at or redeemed, for that address alone", async () => {
    for (let count = 0; count < 15; count++) {
      expect(await redeemForSession(guess(count), address)).toEqual({ outcome: "unknown" });
      expect(await previewCode(guess(count), address)).toBeNull();
    }
    expect(await redeemForSession(guess(30), address)).toEqual({
      outcome: "limited",
      retryAfterSeconds: expect.any(Number),
    });
    expect(await previewCode(guess(31), address)).toEqual({ state: "limited" });
    expect(await redeemForSession(guess(30), "198.51.100.1")).toEqual({ outcome: "unknown" });
  });

  test("does not shut out who has a code behind the same address, nor do they use its allowance up", async () => {
    for (let count = 0; count < 31; count++) await redeemForSession(guess(count), address);
    expect(await previewCode(code, address)).toMatchObject({ state: "open" });
    expect(await redeemForSession(code, address)).toMatchObject({ outcome: "welcome" });
    const crowd = Array.from({ length: 100 }, () => redeemForSession(code, "192.0.2.7"));
    expect(new Set((await Promise.all(crowd)).map(({ outcome }) => outcome))).toEqual(new Set(["used"]));
    expect(await redeemForSession(guess(1), "192.0.2.7")).toEqual({ outcome: "unknown" });
  });
});

/** The texts that `work` sends to the server, in order; what counts an attempt beside them is told apart. */
async function statementsOf(work: () => Promise<unknown>): Promise<{ texts: string[]; counted: number }> {
  const texts: string[] = [];
  const sender = await driver();
  await previewCode(code, address); // the reset of a connection that was checked out raw goes in front of the next statement
  const query = vi.spyOn(sender, "query");
  try {
    await work();
    for (const [statement] of query.mock.calls) texts.push(Object(statement).text ?? String(statement));
  } finally {
    query.mockRestore();
  }
  const counting = (text: string) => text.includes("attempts_count");
  return { texts: texts.filter((text) => !counting(text)), counted: texts.filter(counting).length };
}

/** What every connection of the process sends its statements through. */
function driver(): Promise<{ query(statement: unknown): unknown }> {
  return withClient(async (client) => {
    let found: { query(statement: unknown): unknown } = client;
    for (let next = found; "query" in next; next = Object.getPrototypeOf(next)) found = next;
    return found;
  });
}

test("a code that does not exist is looked for by the statements that a known one is", async () => {
  const looked = await statementsOf(() => previewCode(code, address));
  const redeemed = await statementsOf(() => redeemForSession(code, address));
  expect([looked.texts.length, redeemed.texts.length]).toEqual([2, 2]);
  expect(await statementsOf(() => previewCode("0".repeat(20), address))).toEqual({ ...looked, counted: 1 });
  expect(await statementsOf(() => redeemForSession("0".repeat(20), address))).toEqual({
    ...redeemed,
    counted: 1,
  });
});
