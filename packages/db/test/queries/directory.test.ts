import { createHash } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { DEMO_COMPANIES } from "../../src/demo.ts";
import {
  addToDirectory,
  findTenantByOnboardingCode,
  findTenantByStaffEmail,
  lookupHash,
} from "../../src/queries/directory.ts";
import { beginSecondFactor, findSecondFactor } from "../../src/queries/second-factors.ts";
import { rekeyDirectory } from "../../src/rekey-directory.ts";
import { tenantDirectory } from "../../src/schema/index.ts";
import { openSecret, sealSecret } from "../../src/second-factor-secret.ts";
import { harbourVale } from "../../src/seed-data/harbour-vale.ts";
import { northgateLiving } from "../../src/seed-data/northgate-living.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { AMELIA, HARBOUR, NORTHGATE, testSigning } from "../support/tenants.ts";

const database = usePortalDatabase();

test("an e-mail address leads to its tenant before one is known, in any letter case", async () => {
  expect(await findTenantByStaffEmail(db, "amelia@harbourvale.example")).toBe(HARBOUR);
  expect(await findTenantByStaffEmail(db, "  Daniel@NorthgateLiving.example ")).toBe(NORTHGATE);
  expect(await findTenantByStaffEmail(db, "nobody@harbourvale.example")).toBeNull();
});

test("a code leads to its tenant, however it was typed, and is no e-mail address", async () => {
  await forTenant(NORTHGATE).transaction((tx) =>
    addToDirectory(tx, "onboarding_code", "AB0D1FGHJKMNPQRSTVWX"),
  );
  expect(await findTenantByOnboardingCode(db, "AB0D1FGHJKMNPQRSTVWX")).toBe(NORTHGATE);
  expect(await findTenantByOnboardingCode(db, "abod-lfgh-jkmn-pqrs-tvwx")).toBe(NORTHGATE);
  expect(await findTenantByStaffEmail(db, "AB0D1FGHJKMNPQRSTVWX")).toBeNull();
  expect(await findTenantByOnboardingCode(db, "")).toBeNull();
});

test("a demo company is nobody's in production, but on servers of this machine: its passwords are public", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const { DATABASE_URL = "", NODE_ENV } = process.env;
  onTestFinished(() => {
    vi.stubEnv("DATABASE_URL", DATABASE_URL);
    vi.stubEnv("NODE_ENV", NODE_ENV);
    vi.stubEnv("TENANT_SIGNING_KEY", undefined);
    vi.restoreAllMocks();
  });
  const find = () => findTenantByStaffEmail(db, "amelia@harbourvale.example");
  vi.stubEnv("TENANT_SIGNING_KEY", testSigning().signingKey);
  vi.stubEnv("NODE_ENV", "production");
  expect(await find()).toBe(HARBOUR);
  // The pool goes on as it is; what is read anew is where it is said to be.
  const place = (hosts: string) =>
    vi.stubEnv("DATABASE_URL", `postgres://openhouse_app:of-the-app@${hosts}/openhouse`);
  place("db.example.com");
  expect(await find()).toBeNull();
  place("127.0.0.1:5432,localhost:5433");
  expect(await find()).toBe(HARBOUR);
  place("127.0.0.1:5432,db.example.com");
  expect(await find()).toBeNull();
  expect(console.warn).toHaveBeenCalledWith(expect.stringContaining("db.demo.refused"));
});

test("every company of the demo is known by its id", () => {
  expect(DEMO_COMPANIES).toEqual([harbourVale, northgateLiving].map(({ slug }) => slug));
});

test("what is stored gives no address and no code away", async () => {
  const entries = await beyondGrants().select().from(tenantDirectory);
  expect(entries.length).toBeGreaterThan(20);
  for (const { lookupHash } of entries) expect(lookupHash).toMatch(/^[0-9a-f]{64}$/);
  const hash = lookupHash("staff_email", "a@b.example");
  expect(hash).not.toBe(lookupHash("onboarding_code", "a@b.example"));
  // Whoever has all of the database lacks the key.
  expect(hash).not.toBe(createHash("sha256").update("staff_email:a@b.example").digest("hex"));
});

test("an address that another tenant has cannot be taken over", async () => {
  const taking = addToDirectory(forTenant(NORTHGATE), "staff_email", "amelia@harbourvale.example");
  expect(await outcomeOf(taking)).toBe("23505");
  expect(await outcomeOf(addToDirectory(db, "staff_email", "somebody@new.example"))).toBe("42501");
  expect(await findTenantByStaffEmail(db, "amelia@harbourvale.example")).toBe(HARBOUR);
});

test("after AUTH_SECRET has changed nobody is found, until the directory is made anew", async () => {
  const before = await beyondGrants().$count(tenantDirectory);
  const secret = process.env.AUTH_SECRET;
  onTestFinished(async () => {
    vi.stubEnv("AUTH_SECRET", secret);
    await rekeyDirectory(database());
  });
  vi.stubEnv("AUTH_SECRET", "the next secret, since somebody has seen the last one");
  expect(await findTenantByStaffEmail(db, "amelia@harbourvale.example")).toBeNull();
  expect(await rekeyDirectory(database())).toBe(2);
  expect(await rekeyDirectory(database())).toBe(2);
  expect(await findTenantByStaffEmail(db, "amelia@harbourvale.example")).toBe(HARBOUR);
  expect(await findTenantByStaffEmail(db, "daniel@northgateliving.example")).toBe(NORTHGATE);
  vi.stubEnv("AUTH_SECRET", secret);
  expect(await findTenantByStaffEmail(db, "amelia@harbourvale.example")).toBeNull();
  // One that a test has added is no code of any homeowner.
  expect(await beyondGrants().$count(tenantDirectory)).toBe(before - 1);
});

test("what the secret before has sealed is sealed with the one of now", async () => {
  const owner = { tenantId: HARBOUR, staffId: AMELIA };
  const harbour = forTenant(HARBOUR);
  const secret = process.env.AUTH_SECRET;
  await beginSecondFactor(harbour, { staffId: AMELIA, sealedSecret: sealSecret(owner, "JBSWY3DP") });
  onTestFinished(async () => {
    vi.stubEnv("AUTH_SECRET", secret);
    vi.stubEnv("AUTH_SECRET_PREVIOUS", "");
    await rekeyDirectory(database());
  });
  vi.stubEnv("AUTH_SECRET", "the next secret, and the one before is given as well");
  vi.stubEnv("AUTH_SECRET_PREVIOUS", secret);
  await rekeyDirectory(database());
  vi.stubEnv("AUTH_SECRET_PREVIOUS", "");
  const found = await findSecondFactor(harbour, AMELIA);
  expect(openSecret(owner, found?.sealedSecret ?? "")).toEqual({ text: "JBSWY3DP", byPrevious: false });
});
