import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { FAULTS } from "@openhouse/tooling/faults/index";
import { expect, test } from "vitest";

test("the faults that are compared are those of docs/FAULTS.md, in its order, and each has its test and mutants", () => {
  const folder = join(repositoryRoot(), "packages/pool/test/faults");
  const table = readFileSync(join(repositoryRoot(), "docs/FAULTS.md"), "utf8").matchAll(/^\|.*\[`(.+)`\]/gm);
  expect(Object.keys(FAULTS)).toEqual(Array.from(table, ([, name]) => name));
  const files = Object.keys(FAULTS).flatMap((name) => [`${name}.test.ts`, `${name}.mutants.json`]);
  expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
});
