import { repositoryRoot } from "@openhouse/pool-testing";
import { readIsolationControls } from "@openhouse/tooling/mutants/isolation-controls";
import { readMutants } from "@openhouse/tooling/mutants/mutant";
import { readSimulationControls } from "@openhouse/tooling/mutants/simulation-controls";
import { expect, test } from "vitest";

test("every mutant fits the sources as they are", () => {
  expect(readMutants(repositoryRoot()).length).toBeGreaterThan(100);
});

test("every control of isolation under fire fits the sources as they are", () => {
  expect(readIsolationControls(repositoryRoot()).length).toBeGreaterThan(25);
});

test("every mechanism that the simulation is tried without fits the sources as they are", () => {
  expect(readSimulationControls(repositoryRoot()).length).toBeGreaterThan(10);
});
