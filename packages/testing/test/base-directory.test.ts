import { expect, onTestFinished, test, vi } from "vitest";
import { defaultBaseDirectory } from "../src/base-directory.ts";
import { LAUNCHERS_ENVIRONMENT } from "./support/launcher.ts";

test("the directory that EMBEDDED_POSTGRES_DIR names is never a clone's, which a test removes", () => {
  vi.stubEnv("EMBEDDED_POSTGRES_DIR", "/somebodys/database");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(defaultBaseDirectory("/clone")).toBe("/somebodys/database");
  expect(defaultBaseDirectory("/clone", LAUNCHERS_ENVIRONMENT)).not.toContain("somebodys");
});
