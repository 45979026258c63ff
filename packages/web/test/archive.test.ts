import { forTenant } from "@openhouse/db/client";
import { findUnitPage, listUnitsById } from "@openhouse/db/queries/units";
import { COOPERS_QUAY } from "@openhouse/db/test-support/tenants";
import { beforeEach, expect, test, vi } from "vitest";
import { archiveHomes, removeResident } from "../src/archive.ts";
import { redeemForSession } from "../src/code-redemption.ts";
import { issueCode } from "../src/homeowner-access.ts";
import { sessionOfToken } from "../src/session.ts";
import { AMELIA_SESSION } from "./support/staff-session.ts";
import { HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

tenantDatabase();

let logged: [event: string, fields: Record<string, unknown>][];
beforeEach(() => {
  logged = [];
  const spy = vi.spyOn(console, "info").mockImplementation((line) => {
    const { event, ...fields } = JSON.parse(line);
    logged.push([event, fields]);
  });
  return () => spy.mockRestore();
});

/** A home of Cooper's Quay whose homeowner has come in. */
async function openHome(label: string) {
  const db = forTenant(HARBOUR);
  const search = { developmentId: COOPERS_QUAY, text: label, limit: 1 };
  const [unit] = await listUnitsById(db, (await findUnitPage(db, search)).ids);
  const homeowner = unit?.homeowners[0];
  if (unit === undefined || homeowner === undefined) throw new Error(`nobody lives in ${label}`);
  await issueCode(AMELIA_SESSION, { homeownerId: homeowner.id, knowsItIsOpen: true, endsSessions: false });
  const [now] = await listUnitsById(db, [unit.id]);
  const code = now?.homeowners[0]?.onboardingCode?.code ?? "";
  const redeemed = await redeemForSession(code, "203.0.113.9");
  if (redeemed.outcome !== "welcome") throw new Error(redeemed.outcome);
  const { token } = redeemed.session;
  logged = [];
  return {
    unitId: unit.id,
    homeownerId: homeowner.id,
    isIn: async () => (await sessionOfToken("tenant", token)) !== null,
  };
}

const ended = (target: string, reason: string) => [
  "session.ended",
  expect.objectContaining({ portal: "tenant", subject: AMELIA_SESSION.staff.id, target, reason }),
];

test("an archived home stays open to who is in, and closing it is logged for each homeowner", async () => {
  const { unitId, homeownerId, isIn } = await openHome("Flat 1");
  expect(await archiveHomes(AMELIA_SESSION, { unitId, closes: false })).toBe(0);
  expect(await isIn()).toBe(true);
  expect(logged).toEqual([]);
  expect(await archiveHomes(AMELIA_SESSION, { developmentId: COOPERS_QUAY, closes: true })).toBe(1);
  expect(await isIn()).toBe(false);
  expect(logged).toContainEqual(ended(homeownerId, "home_archived"));
  expect(logged.map(([event]) => event)).toContain("code.withdrawn");
  expect(await archiveHomes(AMELIA_SESSION, { developmentId: COOPERS_QUAY, closes: true })).toBeNull();
});

test("a removed homeowner is out at once, and the log says by whom", async () => {
  const { homeownerId, isIn } = await openHome("Flat 6");
  expect(await removeResident(AMELIA_SESSION, homeownerId)).toBe(true);
  expect(await isIn()).toBe(false);
  expect(logged).toEqual([ended(homeownerId, "homeowner_removed")]);
  expect(await removeResident(AMELIA_SESSION, homeownerId)).toBe(false);
});
