import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import {
  addToDirectory,
  findTenantByOnboardingCode,
  findTenantByStaffEmail,
  lookupHash,
} from "../../src/queries/directory.ts";
import { tenantDirectory } from "../../src/schema/index.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { HARBOUR, NORTHGATE } from "../support/tenants.ts";

usePortalDatabase();

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

test("what is stored gives no address and no code away", async () => {
  const entries = await db.select().from(tenantDirectory);
  expect(entries.length).toBeGreaterThan(20);
  for (const { lookupHash } of entries) expect(lookupHash).toMatch(/^[0-9a-f]{64}$/);
  expect(lookupHash("staff_email", "a@b.example")).not.toBe(lookupHash("onboarding_code", "a@b.example"));
});

test("an address that another tenant has cannot be taken over", async () => {
  const taking = addToDirectory(forTenant(NORTHGATE), "staff_email", "amelia@harbourvale.example");
  expect(await outcomeOf(taking)).toBe("23505");
  expect(await outcomeOf(addToDirectory(db, "staff_email", "somebody@new.example"))).toBe("42501");
  expect(await findTenantByStaffEmail(db, "amelia@harbourvale.example")).toBe(HARBOUR);
});
