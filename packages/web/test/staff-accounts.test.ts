import { forTenant } from "@openhouse/db/client";
import { listActivity } from "@openhouse/db/queries/activity";
import { findStaffAccount, listStaff } from "@openhouse/db/queries/staff-accounts";
import { beforeEach, expect, test, vi } from "vitest";
import { sessionOfToken, writeSession } from "../src/session.ts";
import {
  changeOwnPassword,
  findPasswordLink,
  giveRole,
  inviteColleague,
  resetPassword,
  setDisabled,
  setPasswordByLink,
} from "../src/staff-accounts.ts";
import { checkStaffCredentials } from "../src/staff-credentials.ts";
import { AMELIA_SESSION } from "./support/staff-session.ts";
import { HARBOUR, NORTHGATE, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();

let logged: string[];
beforeEach(() => {
  logged = [];
  const keep = (line: string) => {
    const { event, reason } = JSON.parse(line);
    logged.push(`${event} ${reason ?? ""}`.trim());
  };
  const spies = [vi.spyOn(console, "info"), vi.spyOn(console, "warn")].map((spy) =>
    spy.mockImplementation(keep),
  );
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
});

let people = 0;
async function invite(role: "developer" | "viewer" = "viewer") {
  people += 1;
  const email = `person${people}@harbourvale.example`;
  const token = await inviteColleague(AMELIA_SESSION, { email, name: `Person ${people}`, role });
  const member = (await listStaff(forTenant(HARBOUR))).find((each) => each.email === email);
  if (member === undefined) throw new Error("was not added");
  return { token, email, id: member.id };
}
const signIn = async (email: string, password: string) =>
  (await checkStaffCredentials({ email, password, address: `198.51.100.${people}` })).outcome;
async function openSession(staffId: string) {
  const { token, claims } = await writeSession(forTenant(HARBOUR), "developer", {
    tenantId: HARBOUR,
    staffId,
  });
  return {
    sessionId: claims.sessionId,
    isIn: async () => (await sessionOfToken("developer", token)) !== null,
  };
}
const as = (id: string): typeof AMELIA_SESSION => ({
  ...AMELIA_SESSION,
  staff: { ...AMELIA_SESSION.staff, id },
});

test("who is invited sets a password by the link, once, and signs in with it", async () => {
  const { token, email, id } = await invite();
  expect(logged).toEqual(["auth.link_issued invited"]);
  expect(await findStaffAccount(forTenant(HARBOUR), id)).toMatchObject({ isInvited: true, role: "viewer" });
  expect(await findPasswordLink(token)).toMatchObject({ email, isGood: true });
  expect(await signIn(email, "")).toBe("wrong");
  expect(await setPasswordByLink(token, "four words are good")).toBe(true);
  expect(await signIn(email, "four words are good")).toBe("verified");
  expect(await findStaffAccount(forTenant(HARBOUR), id)).toMatchObject({ isInvited: false });
  expect(await findPasswordLink(token)).toBeNull();
  expect(await setPasswordByLink(token, "somebody else's words")).toBe(false);
  expect(await signIn(email, "four words are good")).toBe("verified");
  expect((await listActivity(forTenant(HARBOUR), { limit: 1 })).entries[0]).toMatchObject({
    kind: "staff.invited",
    staffName: "Amelia Hart",
  });
});

test("an address that has an account, here or at another company, is not invited", async () => {
  const seeded = database.seeded.staff.map(({ email }) => email);
  const tried = await Promise.all(
    seeded.map((email) => inviteColleague(AMELIA_SESSION, { email, name: "Again", role: "viewer" })),
  );
  expect(tried).toEqual(seeded.map(() => "taken"));
});

test("a link that is no link of ours, is too old, or was followed by a newer one sets nothing", async () => {
  const { token, id } = await invite();
  expect(await setPasswordByLink("eyJhbGciOiJIUzI1NiJ9.e30.x", "four words are good")).toBe(false);
  const newer = await resetPassword(AMELIA_SESSION, id);
  expect(await findPasswordLink(token)).toBeNull();
  expect(await setPasswordByLink(token, "four words are good")).toBe(false);
  await database.asSuperuser("update staff_links set expires_at = now() where staff_id = $1", [id]);
  expect(await setPasswordByLink(newer ?? "", "four words are good")).toBe(false);
  expect(await resetPassword({ ...AMELIA_SESSION, tenantId: NORTHGATE }, id)).toBeNull();
});

test("a new password by a link signs its owner out everywhere; their own change keeps the device it is made on", async () => {
  const { token, email, id } = await invite();
  await setPasswordByLink(token, "four words are good");
  const [here, there] = [await openSession(id), await openSession(id)];
  const session = { ...as(id), sessionId: here.sessionId };
  expect(await changeOwnPassword(session, "five words are even better")).toBe(true);
  expect([await here.isIn(), await there.isIn()]).toEqual([true, false]);
  expect(await signIn(email, "four words are good")).toBe("wrong");
  const reset = await resetPassword(AMELIA_SESSION, id);
  // Until another one is set the one before works.
  expect(await signIn(email, "five words are even better")).toBe("verified");
  expect(await setPasswordByLink(reset ?? "", "six words are what I forget")).toBe(true);
  expect(await here.isIn()).toBe(false);
  expect(logged).toContain("auth.password_changed own");
  expect(logged).toContain("session.ended password_changed");
});

test("who is disabled is out at once and cannot come in, not by a link either, until they are enabled", async () => {
  const { token, email, id } = await invite();
  await setPasswordByLink(token, "four words are good");
  const link = await resetPassword(AMELIA_SESSION, id);
  const { isIn } = await openSession(id);
  expect(await setDisabled(AMELIA_SESSION, id, true)).toBe(true);
  expect(await isIn()).toBe(false);
  expect(await signIn(email, "four words are good")).toBe("wrong");
  expect(await setPasswordByLink(link ?? "", "five words are even better")).toBe(false);
  expect(await resetPassword(AMELIA_SESSION, id)).toBeNull();
  expect(logged).toContain("role.changed disabled");
  expect(logged).toContain("session.ended disabled");
  expect(await setDisabled(AMELIA_SESSION, id, false)).toBe(true);
  expect(logged).toContain("role.changed enabled");
  expect(await signIn(email, "four words are good")).toBe("verified");
});

test("nobody changes themselves, and of two who take each other's role at once one keeps it", async () => {
  const me = AMELIA_SESSION.staff.id;
  expect(await giveRole(AMELIA_SESSION, me, "viewer")).toBe(false);
  expect(await setDisabled(AMELIA_SESSION, me.toUpperCase(), true)).toBe(false);
  const [one, other] = [await invite("developer"), await invite("developer")];
  const done = await Promise.all([
    giveRole(as(one.id), other.id, "viewer"),
    giveRole(as(other.id), one.id, "viewer"),
  ]);
  expect(done.toSorted()).toEqual([false, true]);
  // Whoever has lost the role does nothing any more, however old their page is.
  const lost = done[0] ? other : one;
  expect(await setDisabled(as(lost.id), me, true)).toBe(false);
  expect(await giveRole(AMELIA_SESSION, lost.id, "developer")).toBe(true);
  expect(logged).toContain("role.changed developer");
});

test("the portals' role sets no password but by a link", async () => {
  const db = forTenant(HARBOUR);
  const refused = (statement: string) =>
    db.execute(statement).then(
      () => "done",
      ({ cause }) => cause.code,
    );
  expect(await refused("update staff set password_hash = ''")).toBe("42501");
  expect(await refused("update staff set is_operator = true")).toBe("42501");
  expect(await refused("update staff_links set used_at = null")).toBe("42501");
  expect(await refused("delete from staff_links")).toBe("42501");
});
