import { getDatabaseResources } from "@openhouse/db/client";
import { beforeEach, expect, test, vi } from "vitest";
import { quotaFaults, spend } from "../src/quotas.ts";
import { refusals } from "../src/refusals.ts";
import { HARBOUR, NORTHGATE, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();
const lines: string[] = [];
const leon = { tenantId: HARBOUR, subjectId: "leon" };
const priya = { tenantId: HARBOUR, subjectId: "priya" };

beforeEach(async () => {
  await database.asSuperuser("delete from rate_limits");
  refusals.clear();
  lines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line) => lines.push(String(line)));
  vi.stubEnv("CHAT_QUESTIONS_A_MINUTE", "3");
  vi.stubEnv("CHAT_COMPANY_QUESTIONS_A_DAY", "5");
});

const ask = (who: typeof leon) => spend(who, "questions_a_minute", "company_questions_a_day");

test("a homeowner may do as much as one may, is told when more, and nobody else is kept from it", async () => {
  for (let count = 0; count < 3; count++) expect(await ask(leon)).toBeNull();
  const usedUp = await ask(leon);
  expect(usedUp).toEqual({ quota: "questions_a_minute", most: 3, retryAfterSeconds: expect.any(Number) });
  expect(usedUp?.retryAfterSeconds).toBeGreaterThan(50);
  expect(usedUp?.retryAfterSeconds).toBeLessThanOrEqual(60);
  expect(await ask(priya)).toBeNull();
});

test("who is over their own quota uses up nothing of the company's, and the company's holds for all of it", async () => {
  for (let count = 0; count < 20; count++) await ask(leon);
  expect(await ask(priya)).toBeNull();
  expect(await ask(priya)).toBeNull();
  expect(await ask(priya)).toMatchObject({ quota: "company_questions_a_day", most: 5 });
  expect(await ask({ tenantId: HARBOUR, subjectId: "sam" })).toMatchObject({
    quota: "company_questions_a_day",
  });
  expect(await ask({ tenantId: NORTHGATE, subjectId: "freya" })).toBeNull();
});

test("quotas are counted in one statement, and none behind the one that is used up", async () => {
  const { pool } = getDatabaseResources();
  if (!("getTotals" in pool)) throw new Error("only the pool counts");
  const before = pool.getTotals().acquired;
  for (let count = 0; count < 4; count++) await ask(leon);
  expect(pool.getTotals().acquired - before).toBe(4);
  const counted = await database.asSuperuser("select key, points from rate_limits order by points");
  expect(counted).toEqual([
    { key: expect.stringMatching(/^company_questions_a_day:/), points: 3 },
    { key: expect.stringMatching(/^questions_a_minute:/), points: 4 },
  ]);
});

test("who is let look at a company's used up quota has counted their own before, once", async () => {
  vi.stubEnv("CHAT_COMPANY_QUESTIONS_A_DAY", "1");
  expect(await ask(leon)).toBeNull();
  for (const who of [leon, priya, priya])
    expect(await ask(who)).toMatchObject({ quota: "company_questions_a_day" });
  const own = "select sum(points)::int as n from rate_limits where key like 'questions_a_minute%'";
  expect(await database.asSuperuser(own)).toEqual([{ n: 4 }]);
});

test("the log tells once that a quota is used up, and whose", async () => {
  for (let count = 0; count < 6; count++) await ask(leon);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      event: "auth.limited",
      tenant: HARBOUR,
      subject: "leon",
      reason: "questions_a_minute",
    }),
  ]);
});

test("a portal does not start with a quota that is no number", () => {
  const faults = (value: string) => quotaFaults((name) => (name === "SEARCHES_A_MINUTE" ? value : undefined));
  for (const fine of ["", "1", "1000000"]) expect(faults(fine)).toEqual([]);
  for (const wrong of ["0", "-1", "1.5", "many", "1000001"])
    expect(faults(wrong)).toEqual([
      `SEARCHES_A_MINUTE must be a whole number from 1 to 1000000, got "${wrong}"`,
    ]);
});
