import { repositoryRoot } from "@openhouse/pool/testing";
import { expect, test } from "vitest";
import { readMutants } from "../support/mutants/mutant.ts";

test("every mutant fits the sources as they are", () => {
  expect(readMutants(repositoryRoot()).length).toBeGreaterThan(100);
});
