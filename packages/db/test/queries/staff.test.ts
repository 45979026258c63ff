import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { findTenantByStaffEmail } from "../../src/queries/directory.ts";
import { addStaff, findStaffForSignIn } from "../../src/queries/staff.ts";
import { staff } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { AMELIA, HARBOUR, NORTHGATE } from "../support/tenants.ts";

usePortalDatabase();

test("an account is found by its address in any letter case, with what a sign-in needs", async () => {
  expect(await findStaffForSignIn(forTenant(HARBOUR), " AMELIA@harbourvale.example")).toEqual({
    id: AMELIA,
    email: "amelia@harbourvale.example",
    name: "Amelia Hart",
    role: "developer",
    passwordHash: expect.stringMatching(/^\$argon2id\$/),
    disabled: false,
  });
});

test("an account of another tenant, or of nobody, is not found", async () => {
  expect(await findStaffForSignIn(forTenant(NORTHGATE), "amelia@harbourvale.example")).toBeNull();
  expect(await findStaffForSignIn(forTenant(HARBOUR), "nobody@harbourvale.example")).toBeNull();
  expect(await findStaffForSignIn(db, "amelia@harbourvale.example")).toBeNull();
});

test("an account that was added can be found, from outside its tenant too", async () => {
  const harbour = forTenant(HARBOUR);
  const account = { email: "New.Person@HarbourVale.example", name: "New Person", passwordHash: "-" };
  const id = await addStaff(harbour, { ...account, role: "viewer" });
  expect(await findStaffForSignIn(harbour, account.email)).toMatchObject({
    id,
    role: "viewer",
    disabled: false,
  });
  expect(await findTenantByStaffEmail(db, account.email)).toBe(HARBOUR);

  await beyondGrants().update(staff).set({ disabledAt: new Date() }).where(eq(staff.id, id));
  expect(await findStaffForSignIn(harbour, account.email)).toMatchObject({ id, disabled: true });
});

test("an address that is taken, here or by another tenant, adds neither account nor directory entry", async () => {
  const account = {
    email: "amelia@harbourvale.example",
    name: "Twin",
    role: "developer",
    passwordHash: "-",
  } as const;
  const before = await forTenant(NORTHGATE).select().from(staff);
  expect(await outcomeOf(addStaff(forTenant(HARBOUR), account))).toBe("23505");
  expect(await outcomeOf(addStaff(forTenant(NORTHGATE), account))).toBe("23505");
  expect(await forTenant(NORTHGATE).select().from(staff)).toEqual(before);

  const unusable = { ...account, email: "other@harbourvale.example", id: AMELIA };
  expect(await outcomeOf(addStaff(forTenant(HARBOUR), unusable))).toBe("23505");
  expect(await findTenantByStaffEmail(db, unusable.email)).toBeNull();
});

test("a name with a character that nobody sees is refused, and nothing is added", async () => {
  const account = {
    email: "new@harbourvale.example",
    name: "Ame\u200Blia",
    role: "viewer",
    passwordHash: "-",
  } as const;
  await expect(addStaff(forTenant(HARBOUR), account)).rejects.toThrow(/U\+200B/);
  expect(await findTenantByStaffEmail(db, account.email)).toBeNull();
});
