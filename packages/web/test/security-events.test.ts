import { forTenant } from "@openhouse/db/client";
import { issueOnboardingCode } from "@openhouse/db/queries/onboarding-codes";
import { beforeEach, expect, test, vi } from "vitest";
import { ACCOUNT_HERE, GUESSES, LINKS_PER_EMAIL } from "../src/allowances.ts";
import { redeemForSession } from "../src/code-redemption.ts";
import { endOtherDevices } from "../src/devices.ts";
import { refusals } from "../src/refusals.ts";
import { admitToRoute } from "../src/require-role.ts";
import { type Session, sessionOfToken, writeSession } from "../src/session.ts";
import { askForLink } from "../src/sign-in-link.ts";
import { checkStaffCredentials } from "../src/staff-credentials.ts";
import { AMELIA_SESSION } from "./support/staff-session.ts";
import { AMELIA, asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

// What is told of who came in and who did not; `portal.test.ts` has what takes a request, and each change of the staff its own test.

const database = tenantDatabase();
const address = "203.0.113.9";
const email = "amelia@harbourvale.example";
const HASH = expect.stringMatching(/^[0-9a-f]{16}$/);
let logged: Record<string, unknown>[];

beforeEach(async () => {
  await database.asSuperuser("delete from rate_limits; delete from sessions");
  refusals.clear();
  logged = [];
  for (const level of ["info", "warn"] as const)
    vi.spyOn(console, level).mockImplementation((text) => {
      const { time: _time, ...line } = JSON.parse(String(text));
      logged.push(line);
    });
  return () => void vi.restoreAllMocks();
});

const attempt = (password: string, account = email) =>
  checkStaffCredentials({ email: account, password, address, device: undefined });

test("who signs in is told by their id, and who does not by why", async () => {
  await attempt("harbour-demo-1");
  await attempt("wrong");
  await attempt("wrong", "nobody@harbourvale.example");
  const who = { portal: "developer", tenant: HARBOUR, subject: AMELIA, address: HASH };
  expect(logged).toEqual([
    { level: "info", event: "auth.sign_in", ...who },
    { level: "warn", event: "auth.refused", ...who, account: HASH, reason: "wrong_password" },
    {
      level: "warn",
      event: "auth.refused",
      portal: "developer",
      address: HASH,
      account: HASH,
      reason: "unknown_account",
    },
  ]);
});

test("who guesses on and on is told once, whatever they guess at", async () => {
  for (let tried = 0; tried < ACCOUNT_HERE.attempts + 3; tried++) await attempt("wrong");
  for (let tried = 0; tried < GUESSES.attempts + 3; tried++) await redeemForSession(`GUESS${tried}`, address);
  for (let asked = 0; asked < LINKS_PER_EMAIL.attempts + 3; asked++)
    await askForLink({ email: "nobody@example.com", address, returnTo: "/" });
  const limited = logged.filter(({ event }) => event === "auth.limited");
  expect(limited).toEqual([
    expect.objectContaining({ portal: "developer", account: HASH, address: HASH }),
    expect.objectContaining({ portal: "tenant", reason: "codes", address: HASH }),
    expect.objectContaining({ portal: "tenant", reason: "links_email", account: HASH, address: HASH }),
  ]);
}, 60_000);

test("whose code was used is told, and the code is not", async () => {
  const [home] = await asTenant(HARBOUR, "select id from homeowners order by id limit 1");
  const homeownerId: string = Object(home).id;
  const code = await issueOnboardingCode(forTenant(HARBOUR), { homeownerId, validForMs: 60_000 });
  await redeemForSession(code, address);
  expect(logged).toEqual([
    {
      level: "info",
      event: "code.redeemed",
      portal: "tenant",
      tenant: HARBOUR,
      subject: homeownerId,
      address: HASH,
    },
  ]);
  expect(JSON.stringify(logged)).not.toContain(code);
});

test("who signs themselves out elsewhere is told, with the sessions that ended", async () => {
  const open = async () => {
    const subject = { tenantId: HARBOUR, staffId: AMELIA };
    const { token } = await writeSession(forTenant(HARBOUR), "developer", subject, {
      browser: null,
      system: null,
    });
    return (await sessionOfToken("developer", token)) as Session;
  };
  const [here, there] = [await open(), await open()];
  await endOtherDevices(here);
  expect(logged).toEqual([
    {
      level: "info",
      event: "session.ended",
      portal: "developer",
      tenant: HARBOUR,
      subject: AMELIA,
      sessions: [there.sessionId],
      reason: "ended_by_owner",
    },
  ]);
});

test("who asks for what their role is not let do is told", () => {
  const viewer: Session = {
    ...AMELIA_SESSION,
    staff: { ...AMELIA_SESSION.staff, role: "viewer", isOperator: false },
  };
  expect(() => admitToRoute(viewer, ["developer"])).toThrow("forbidden");
  expect(logged).toEqual([
    { level: "warn", event: "role.forbidden", portal: "developer", tenant: HARBOUR, subject: AMELIA },
  ]);
});
