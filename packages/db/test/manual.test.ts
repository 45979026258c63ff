import { readFileSync } from "node:fs";
import { PoolConfigError, readSettings } from "@openhouse/pool";
import { createHealthHandlers } from "@openhouse/pool/http";
import { expect, test } from "vitest";

const read = (page: string) =>
  readFileSync(new URL(`../../../docs/operating/${page}`, import.meta.url), "utf8");
const DATABASE_URL = "postgres://me:secret@localhost/app";

/** What a variable is told to be where it is no number. */
function boundsOf(name: string): string | undefined {
  try {
    readSettings({ DATABASE_URL, [name]: "x" });
  } catch (error) {
    const fault = error instanceof PoolConfigError ? error.faults.join() : "";
    return /from (\d+) to (\d+)/.exec(fault)?.slice(1).join("–");
  }
  return undefined;
}

const rows = [...read("settings.md").matchAll(/^\| `(DB_[A-Z_]+)` \| .*? \| (.*) \|$/gm)].map(
  ([, name = "", meaning = ""]) => ({ name, meaning, bounds: boundsOf(name) }),
);
const numbers = rows.filter(({ bounds }) => bounds !== undefined);

test("the manual's table of settings has the numbers", () => {
  expect(numbers.length).toBeGreaterThan(9);
});

test.each(numbers)("settings.md gives $name the bounds that it has", ({ meaning, bounds }) => {
  expect(meaning).toMatch(new RegExp(`(^|[ ;])${bounds}\\b`));
});

test("the answer of health.md is one that is given", async () => {
  const [, example = ""] = /```json\n([\s\S]+?)```/.exec(read("health.md")) ?? [];
  const { db } = createHealthHandlers({
    check: async () => ({
      healthy: true,
      status: "healthy",
      latencyMs: 1,
      poolStats: { totalCount: 2, idleCount: 2, waitingCount: 0 },
      consecutiveFailures: 0,
      everHealthy: true,
      behindPooler: false,
      serverRole: "primary",
    }),
  });
  const answer: unknown = await (await db(new Request("http://localhost/api/health/db"))).json();
  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect({ ...JSON.parse(example), timestamp }).toEqual(answer);
});
