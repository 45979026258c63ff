import { repositoryRoot } from "@openhouse/pool-testing";
import { readControls } from "@openhouse/tooling/mutants/control";
import { readMutants } from "@openhouse/tooling/mutants/mutant";
import { expect, test } from "vitest";

test("every mutant fits the sources as they are", () => {
  expect(readMutants(repositoryRoot()).length).toBeGreaterThan(100);
});

test("every control of isolation under fire fits the sources as they are", () => {
  expect(readControls(repositoryRoot()).length).toBeGreaterThan(25);
});
