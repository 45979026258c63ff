import { forTenant } from "@openhouse/db/client";
import { findOnboardingCode } from "@openhouse/db/queries/onboarding-codes";
import { beforeEach, expect, test, vi } from "vitest";
import { redeemForSession } from "../src/code-redemption.ts";
import { changeResident, endHomeownerSessions, issueCode, withdrawAccess } from "../src/homeowner-access.ts";
import { sessionOfToken } from "../src/session.ts";
import { AMELIA_SESSION } from "./support/staff-session.ts";
import { AMELIA, asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();
const staff = AMELIA_SESSION;
let homeownerId: string;
let logged: [event: string, fields: unknown][];

beforeEach(async () => {
  const [row] = await database
    .asSuperuser("delete from sessions; delete from onboarding_codes; select 1 as none")
    .then(() => asTenant(HARBOUR, "select id from homeowners order by id limit 1"));
  homeownerId = Object(row).id;
  logged = [];
  const spy = vi.spyOn(console, "info").mockImplementation((line) => {
    const { event, time: _time, level: _level, ...fields } = JSON.parse(line);
    logged.push([event, fields]);
  });
  return () => spy.mockRestore();
});

const request = (more: Partial<Parameters<typeof issueCode>[1]> = {}) => ({
  homeownerId,
  knowsItIsOpen: false,
  endsSessions: false,
  ...more,
});

async function newestCode(): Promise<string> {
  const [row] = await asTenant(
    HARBOUR,
    "select code from onboarding_codes where homeowner_id = $1 order by created_at desc limit 1",
    [homeownerId],
  );
  return Object(row).code;
}

/** Somebody comes in with the newest code; whether they still are. */
async function comeIn(): Promise<() => Promise<boolean>> {
  const redeemed = await redeemForSession(await newestCode(), "203.0.113.9");
  if (redeemed.outcome !== "welcome") throw new Error(redeemed.outcome);
  return async () => (await sessionOfToken("tenant", redeemed.session.token)) !== null;
}

test("a code for a home that nobody has opened is made at once, and is no news", async () => {
  expect(await issueCode(staff, request())).toEqual({ ended: 0 });
  expect(await issueCode(staff, request())).toEqual({ ended: 0 });
  expect(logged.map(([event]) => event)).toEqual(["code.issued", "code.issued"]);
});

test("a code for an open home is made for those only who know it, and is logged, also when nobody is in any more", async () => {
  await issueCode(staff, request());
  await comeIn();
  const used = await newestCode();
  expect(await issueCode(staff, request())).toBe("open");
  expect(await newestCode()).toBe(used);
  await endHomeownerSessions(staff, homeownerId);
  expect(await issueCode(staff, request())).toBe("open");
  logged = [];
  expect(await issueCode(staff, request({ knowsItIsOpen: true }))).toEqual({ ended: 0 });
  const about = { portal: "developer", tenant: HARBOUR, subject: AMELIA, target: homeownerId };
  expect(logged).toEqual([
    ["code.issued", about],
    ["code.issued_for_open_home", { ...about, sessions: [] }],
  ]);
});

test("a new code leaves who is in, or ends their sessions where that is wanted", async () => {
  await issueCode(staff, request());
  const isIn = await comeIn();
  await issueCode(staff, request({ knowsItIsOpen: true }));
  expect(await isIn()).toBe(true);
  expect(await issueCode(staff, request({ knowsItIsOpen: true, endsSessions: true }))).toEqual({ ended: 1 });
  expect(await isIn()).toBe(false);
  expect(await findOnboardingCode(forTenant(HARBOUR), await newestCode())).toMatchObject({ state: "open" });
});

test("a code that was replaced and withdrawn leaves nobody in who came with it", async () => {
  await issueCode(staff, request());
  const isIn = await comeIn();
  await issueCode(staff, request({ knowsItIsOpen: true }));
  expect(await withdrawAccess(staff, { homeownerId, sessionsStay: false })).toEqual({
    withdrawn: true,
    ended: 1,
  });
  expect(await isIn()).toBe(false);
  const about = { subject: AMELIA, target: homeownerId };
  expect(logged.slice(-2)).toEqual([
    ["code.withdrawn", expect.objectContaining(about)],
    ["session.ended", expect.objectContaining({ ...about, reason: "ended_by_staff" })],
  ]);
});

test("who came in just before the code was withdrawn is out all the same", async () => {
  await issueCode(staff, request());
  const isIn = await comeIn();
  expect(await withdrawAccess(staff, { homeownerId, sessionsStay: false })).toEqual({
    withdrawn: false,
    ended: 1,
  });
  expect(await isIn()).toBe(false);
});

test("a code is withdrawn without its homeowner's devices where those are to stay", async () => {
  await issueCode(staff, request());
  const isIn = await comeIn();
  await issueCode(staff, request({ knowsItIsOpen: true }));
  expect(await withdrawAccess(staff, { homeownerId, sessionsStay: true })).toEqual({
    withdrawn: true,
    ended: 0,
  });
  expect(await isIn()).toBe(true);
});

test("a mailed code that ends with its address is logged as withdrawn, and a name that changes ends none", async () => {
  await issueCode(staff, request());
  await database.asSuperuser("update onboarding_codes set mails = 1");
  const [row] = await asTenant(HARBOUR, "select name, email from homeowners where id = $1", [homeownerId]);
  const { name, email } = Object(row);
  const change = (more: object) => changeResident(staff, { id: homeownerId, name, email, ...more });
  logged = [];
  expect(await change({ name: "Somebody" })).toEqual({ codeWithdrawn: false });
  expect(logged).toEqual([]);
  expect(await change({ email: "right@example.com" })).toEqual({ codeWithdrawn: true });
  expect(logged).toEqual([
    ["code.withdrawn", expect.objectContaining({ subject: AMELIA, target: homeownerId })],
  ]);
  expect(await change({})).toEqual({ codeWithdrawn: false });
});
