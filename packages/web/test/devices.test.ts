import { forTenant } from "@openhouse/db/client";
import { beforeEach, expect, test } from "vitest";
import { endDevices, endOtherDevices, listDevices } from "../src/devices.ts";
import { type Session, sessionOfToken, writeSession } from "../src/session.ts";
import { AMELIA, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();
const open: Session[] = [];

beforeEach(async () => {
  await database.asSuperuser("delete from sessions");
  open.length = 0;
  for (const browser of ["Chrome", "Firefox", "Safari"]) {
    const subject = { tenantId: HARBOUR, staffId: AMELIA };
    const device = { browser, system: "Windows" };
    const { token } = await writeSession(forTenant(HARBOUR), "developer", subject, device);
    const session = await sessionOfToken("developer", token);
    if (session !== null) open.push(session);
  }
});

const names = async (session: Session) =>
  (await listDevices(session)).map(({ name, isThis }) => [name, isThis]);

test("somebody sees where they are signed in, this device first", async () => {
  const [chrome] = open;
  if (chrome === undefined) throw new Error("nobody is signed in");
  expect(await names(chrome)).toEqual([
    ["Chrome on Windows", true],
    ["Safari on Windows", false],
    ["Firefox on Windows", false],
  ]);
});

test("all others are ended, or one, and never the one that asks", async () => {
  const [chrome, firefox] = open;
  if (chrome === undefined || firefox === undefined) throw new Error("nobody is signed in");
  const form = (session?: string) => {
    const data = new FormData();
    if (session !== undefined) data.set("session", session);
    return data;
  };
  expect(await endDevices(chrome, form(chrome.sessionId))).toMatchObject({ ok: false });
  expect(await endDevices(chrome, form("no-uuid"))).toMatchObject({ ok: false });
  expect(await endDevices(chrome, form(firefox.sessionId))).toEqual({
    ok: true,
    done: "1 device signed out.",
  });
  expect(await names(chrome)).toHaveLength(2);
  expect(await endOtherDevices(chrome)).toBe(1);
  expect(await names(chrome)).toEqual([["Chrome on Windows", true]]);
  expect(await endDevices(chrome, form())).toMatchObject({ ok: true });
});
