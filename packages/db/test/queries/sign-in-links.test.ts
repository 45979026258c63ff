import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { findTenantsByHomeownerEmail } from "../../src/queries/directory.ts";
import { changeHomeowner } from "../../src/queries/homeowner-changes.ts";
import { closeHomes } from "../../src/queries/homes.ts";
import { closeHome, issueOnboardingCode, redeemOnboardingCode } from "../../src/queries/onboarding-codes.ts";
import { findActiveSession } from "../../src/queries/sessions.ts";
import {
  addSignInLink,
  findSignInLink,
  listOpenedHomes,
  redeemSignInLink,
} from "../../src/queries/sign-in-links.ts";
import { homeowners, onboardingCodes, signInLinks, staff } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { CALLUM, HARBOUR, NORTHGATE } from "../support/tenants.ts";

usePortalDatabase();

const EMAIL = "callum.doyle@example.com";
const sessionExpiresAt = new Date(Date.now() + 60_000);
const device = { browser: "Firefox", system: "Linux" };
const harbour = () => forTenant(HARBOUR);

/** Opens Callum's home as he would: with a code. */
async function openHome(): Promise<void> {
  const code = await issueOnboardingCode(harbour(), { homeownerId: CALLUM, validForMs: 60_000 });
  await redeemOnboardingCode(harbour(), code, { sessionExpiresAt });
}

async function newLink(validForMs = 60_000): Promise<string> {
  const tokenHash = randomUUID();
  await addSignInLink(harbour(), { homeownerId: CALLUM, tokenHash, validForMs });
  return tokenHash;
}

const use = (tokenHash: string) => redeemSignInLink(harbour(), tokenHash, { sessionExpiresAt, device });

beforeEach(async () => {
  await beyondGrants().delete(onboardingCodes);
  await beyondGrants().delete(signInLinks);
});

test("a home can be come back to by its e-mail address, in any letter case, once a code has opened it", async () => {
  await issueOnboardingCode(harbour(), { homeownerId: CALLUM, validForMs: 60_000 });
  expect(await listOpenedHomes(harbour(), EMAIL)).toEqual([]);
  await openHome();
  expect(await findTenantsByHomeownerEmail(db, ` ${EMAIL.toUpperCase()}`)).toEqual([HARBOUR]);
  expect(await listOpenedHomes(harbour(), ` ${EMAIL.toUpperCase()}`)).toEqual([
    {
      homeownerId: CALLUM,
      homeownerName: "Callum Doyle",
      email: EMAIL,
      unitLabel: "Flat 2",
      developmentName: "Cooper's Quay",
      tenantName: "Harbour & Vale Homes",
    },
  ]);
  expect(await findTenantsByHomeownerEmail(db, "nobody@example.com")).toEqual([]);
});

test("an address with homes of two companies leads to both, and to no home of the other one", async () => {
  const [home] = await forTenant(NORTHGATE).select({ id: homeowners.id }).from(homeowners).limit(1);
  const homeownerId = home?.id ?? "";
  const [before] = await beyondGrants()
    .select({ email: homeowners.email })
    .from(homeowners)
    .where(eq(homeowners.id, homeownerId));
  await beyondGrants().update(homeowners).set({ email: EMAIL }).where(eq(homeowners.id, homeownerId));
  await issueOnboardingCode(forTenant(NORTHGATE), { homeownerId, validForMs: 60_000 });
  await openHome();
  expect((await findTenantsByHomeownerEmail(db, EMAIL)).sort()).toEqual([HARBOUR, NORTHGATE].sort());
  expect(await listOpenedHomes(harbour(), EMAIL)).toHaveLength(1);
  expect(await listOpenedHomes(forTenant(NORTHGATE), EMAIL)).toEqual([]);
  await beyondGrants().update(homeowners).set({ email: before?.email }).where(eq(homeowners.id, homeownerId));
});

test("a link opens its homeowner's session, once, and says whose home it is before", async () => {
  await openHome();
  const link = await newLink();
  const home = { homeownerName: "Callum Doyle", unitLabel: "Flat 2", developmentName: "Cooper's Quay" };
  expect(await findSignInLink(harbour(), link)).toEqual({ state: "open", ...home });
  const used = await use(link);
  if (used.outcome !== "redeemed") throw new Error(`got ${used.outcome}`);
  expect(await findActiveSession(harbour(), used.sessionId)).toMatchObject({
    subject: { kind: "homeowner", id: CALLUM },
  });
  expect(await use(link)).toEqual({ outcome: "used" });
  expect(await findSignInLink(harbour(), link)).toEqual({ state: "used", ...home });
});

test("of five at once, one is let in", async () => {
  await openHome();
  const link = await newLink();
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => use(link)));
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["redeemed", ...Array(4).fill("used")]);
});

test("nobody is let in by an unknown link, one of another company, one that is over, or without a code", async () => {
  expect(await use("unknown")).toEqual({ outcome: "unknown" });
  expect(await use(await newLink())).toEqual({ outcome: "closed" });
  await openHome();
  const link = await newLink();
  expect(await redeemSignInLink(forTenant(NORTHGATE), link, { sessionExpiresAt })).toEqual({
    outcome: "unknown",
  });
  expect(await findSignInLink(forTenant(NORTHGATE), link)).toBeNull();
  expect(await use(await newLink(0))).toEqual({ outcome: "expired" });
});

test("a home that staff have closed is come back to with a new code alone, also by a link that was sent before", async () => {
  await openHome();
  const link = await newLink();
  await closeHome(harbour(), CALLUM);
  expect(await listOpenedHomes(harbour(), EMAIL)).toEqual([]);
  expect(await use(link)).toEqual({ outcome: "closed" });
  await openHome();
  expect(await use(link)).toEqual({ outcome: "closed" });
  expect(await use(await newLink())).toMatchObject({ outcome: "redeemed" });
});

test("nor is one that was closed as staff put it into the archive", async () => {
  await openHome();
  const link = await newLink();
  const [home] = await harbour()
    .select({ unitId: homeowners.unitId })
    .from(homeowners)
    .where(eq(homeowners.id, CALLUM));
  const closed = await closeHomes(harbour(), { unitId: home?.unitId ?? "" });
  expect(closed.find(({ homeownerId }) => homeownerId === CALLUM)).toMatchObject({ codeWithdrawn: false });
  expect(await use(link)).toEqual({ outcome: "closed" });
  expect(await listOpenedHomes(harbour(), EMAIL)).toEqual([]);
});

test("with another e-mail address on file it is that one's holder who comes back, and no earlier link opens", async () => {
  const [someone] = await harbour().select({ id: staff.id }).from(staff).limit(1);
  const change = (email: string) =>
    changeHomeowner(harbour(), someone?.id ?? "", { id: CALLUM, name: "Callum Doyle", email });
  await openHome();
  const link = await newLink();
  expect(await change("C.Doyle@example.com")).toEqual({ codeWithdrawn: false });
  expect(await use(link)).toEqual({ outcome: "used" });
  expect(await findTenantsByHomeownerEmail(db, "c.doyle@example.com")).toEqual([HARBOUR]);
  expect(await listOpenedHomes(harbour(), "c.doyle@example.com")).toHaveLength(1);
  const later = await newLink();
  expect(await change("c.doyle@example.com"), "the same address").toEqual({ codeWithdrawn: false });
  expect(await use(later)).toMatchObject({ outcome: "redeemed" });
  await change(EMAIL);
});
