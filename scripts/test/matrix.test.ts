import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { countChecks } from "../support/matrix/check-line.ts";
import { GROUPS } from "../support/matrix/groups.ts";

test("every group of the matrix has its place in docs/matrix.md, and every name is one row's or group's", () => {
  const page = readFileSync(join(repositoryRoot(), "docs/matrix.md"), "utf8");
  const places = [...page.matchAll(/<!-- matrix:(\w+) -->[\s\S]*?<!-- \/matrix:\1 -->/g)].map(
    ([, name]) => name,
  );
  expect(places).toEqual(GROUPS.map(({ name }) => name));
  const names = GROUPS.flatMap(({ name, rows }) => [name, ...rows.map((row) => row.name)]);
  expect(new Set(names).size).toBe(names.length);
});

test("a check that failed is counted, and told with what was wrong", () => {
  expect(countChecks([{ name: "query" }, { name: "end", wrong: "1 instead of 0" }], "import: ")).toEqual({
    checks: 2,
    wrong: ["import: end: 1 instead of 0"],
  });
});
