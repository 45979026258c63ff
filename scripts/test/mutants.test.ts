import { repositoryRoot } from "@openhouse/pool-testing";
import { readMutants } from "@openhouse/tooling/mutants/mutant";
import { expect, test } from "vitest";

test("every mutant fits the sources as they are", () => {
  expect(readMutants(repositoryRoot()).length).toBeGreaterThan(100);
});
