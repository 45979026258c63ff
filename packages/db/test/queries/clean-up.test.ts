import { eq, inArray } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import {
  deleteExpiredRateLimits,
  deleteSpentOnboardingCodes,
  deleteSpentSessions,
  listIdleThreads,
} from "../../src/queries/clean-up.ts";
import { addToDirectory, findTenantByOnboardingCode, listTenants } from "../../src/queries/directory.ts";
import { chatThreads, messages, onboardingCodes, rateLimits, sessions } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { BETH, CALLUM, HARBOUR, NORTHGATE } from "../support/tenants.ts";

usePortalDatabase();

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const SPENT = { limit: 100 };

test("the tenants are listed once each, in pages, although the caller is none of them", async () => {
  const both = [HARBOUR, NORTHGATE].sort();
  expect(await listTenants(db, { limit: 10 })).toEqual(both);
  expect(await listTenants(db, { limit: 1 })).toEqual(both.slice(0, 1));
  expect(await listTenants(db, { after: both[0], limit: 10 })).toEqual(both.slice(1));
  expect(await listTenants(db, { after: both[1], limit: 10 })).toEqual([]);
});

test("sessions are deleted a month after they ended, and no others, nor another tenant's", async () => {
  const harbour = forTenant(HARBOUR);
  const add = async (tenantId: string, session: { expiresAt: Date; revokedAt?: Date }) => {
    const person = tenantId === HARBOUR ? CALLUM : BETH;
    const rows = await forTenant(tenantId)
      .insert(sessions)
      .values({ homeownerId: person, ...session })
      .returning({ id: sessions.id });
    return rows[0]?.id ?? "";
  };
  const expired = await add(HARBOUR, { expiresAt: daysAgo(31) });
  const revoked = await add(HARBOUR, { expiresAt: daysAgo(-5), revokedAt: daysAgo(31) });
  const kept = [
    await add(HARBOUR, { expiresAt: daysAgo(29) }),
    await add(HARBOUR, { expiresAt: daysAgo(-5), revokedAt: daysAgo(29) }),
    await add(HARBOUR, { expiresAt: daysAgo(-5) }),
  ];
  await add(NORTHGATE, { expiresAt: daysAgo(31) });
  expect(await deleteSpentSessions(harbour, { limit: 1 })).toBe(1);
  expect(await deleteSpentSessions(harbour, SPENT)).toBe(1);
  expect(await deleteSpentSessions(harbour, SPENT)).toBe(0);
  const left = await harbour.select({ id: sessions.id }).from(sessions);
  expect(left.map(({ id }) => id).sort()).toEqual([...kept].sort());
  expect(left.map(({ id }) => id)).not.toEqual(expect.arrayContaining([expired, revoked]));
  expect(await forTenant(NORTHGATE).$count(sessions)).toBe(1);
});

test("codes go a month after they ended, out of the directory too, but for a homeowner's newest one", async () => {
  const harbour = forTenant(HARBOUR);
  // The demo has replaced codes of its own, long ago.
  for (const tenantId of [HARBOUR, NORTHGATE]) await deleteSpentOnboardingCodes(forTenant(tenantId), SPENT);
  await beyondGrants().delete(onboardingCodes).where(eq(onboardingCodes.homeownerId, CALLUM));
  const add = async (code: string, values: Partial<typeof onboardingCodes.$inferInsert>) => {
    const dates = { createdAt: daysAgo(90), expiresAt: daysAgo(-5), ...values };
    await harbour.insert(onboardingCodes).values({ homeownerId: CALLUM, code, ...dates });
    await addToDirectory(harbour, "onboarding_code", code);
  };
  await add("SPENTUSED2", { usedAt: daysAgo(31) });
  await add("SPENTREV22", { revokedAt: daysAgo(31) });
  await add("SPENTEXP22", { expiresAt: daysAgo(31) });
  await add("KEPTREV222", { revokedAt: daysAgo(29) });
  await add("KEPTNEW222", { createdAt: daysAgo(60), usedAt: daysAgo(55) });
  expect(await deleteSpentOnboardingCodes(forTenant(NORTHGATE), SPENT)).toBe(0);
  expect(await deleteSpentOnboardingCodes(harbour, { limit: 2 })).toBe(2);
  expect(await deleteSpentOnboardingCodes(harbour, SPENT)).toBe(1);
  expect(await deleteSpentOnboardingCodes(harbour, SPENT)).toBe(0);
  const left = await harbour
    .select({ code: onboardingCodes.code })
    .from(onboardingCodes)
    .where(eq(onboardingCodes.homeownerId, CALLUM));
  expect(left.map(({ code }) => code).sort()).toEqual(["KEPTNEW222", "KEPTREV222"]);
  const known = async (code: string) => (await findTenantByOnboardingCode(db, code)) === HARBOUR;
  expect(await Promise.all(["SPENTUSED2", "SPENTREV22", "SPENTEXP22"].map(known))).toEqual([
    false,
    false,
    false,
  ]);
  expect(await Promise.all(["KEPTREV222", "KEPTNEW222"].map(known))).toEqual([true, true]);
});

test("attempts are forgotten once their time is over", async () => {
  const keys = ["over", "running", "endless"];
  await beyondGrants()
    .insert(rateLimits)
    .values([
      { key: "over", points: 3, expire: Date.now() - 60_000 },
      { key: "running", points: 3, expire: Date.now() + 60_000 },
      { key: "endless", points: 3, expire: null },
    ]);
  expect(await deleteExpiredRateLimits(db, { limit: 10 })).toBe(1);
  const left = await beyondGrants()
    .select({ key: rateLimits.key })
    .from(rateLimits)
    .where(inArray(rateLimits.key, keys));
  expect(left.map(({ key }) => key).sort()).toEqual(["endless", "running"]);
});

test("threads that have gone quiet untitled are listed, oldest first: not named ones, nor those without a question", async () => {
  const harbour = forTenant(HARBOUR);
  const add = async (title: string, minutesAgo: number, titledBy?: "homeowner" | "job") => {
    const updatedAt = new Date(Date.now() - minutesAgo * 60_000);
    const values = { homeownerId: CALLUM, title, updatedAt, ...(titledBy && { titledBy }) };
    const rows = await harbour.insert(chatThreads).values(values).returning({ id: chatThreads.id });
    return rows[0]?.id ?? "";
  };
  const ask = (threadId: string) =>
    harbour.insert(messages).values({ threadId, role: "user", body: "Where?" });
  const [quiet, older] = [await add("quiet", 15), await add("older", 30)];
  const others = [
    await add("lively", 5),
    await add("named", 40, "homeowner"),
    await add("titled", 40, "job"),
  ];
  for (const id of [quiet, older, ...others]) await ask(id);
  await add("silent", 40);
  const list = (tenantId: string, limit: number) =>
    listIdleThreads(forTenant(tenantId), { forMs: 10 * 60_000, limit });
  expect(await list(HARBOUR, 10)).toEqual([older, quiet]);
  expect(await list(HARBOUR, 1)).toEqual([older]);
  expect(await list(NORTHGATE, 10)).toEqual([]);
});
