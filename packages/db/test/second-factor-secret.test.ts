import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSecret, sealSecret } from "../src/second-factor-secret.ts";

const OWNER = { tenantId: "t", staffId: "s" };

beforeEach(() => void vi.stubEnv("AUTH_SECRET", "a".repeat(32)));
afterEach(() => vi.unstubAllEnvs());

test("a sealed secret shows nothing and opens for its owner only, whole only", () => {
  const sealed = sealSecret(OWNER, "JBSWY3DP");
  expect(sealed).not.toContain("JBSWY3DP");
  expect(sealSecret(OWNER, "JBSWY3DP")).not.toBe(sealed);
  expect(openSecret(OWNER, sealed)).toEqual({ text: "JBSWY3DP", byPrevious: false });
  expect(openSecret({ ...OWNER, staffId: "other" }, sealed)).toBeNull();
  expect(openSecret({ ...OWNER, tenantId: "other" }, sealed)).toBeNull();
  for (const broken of [
    "",
    "noise",
    sealed.slice(1),
    sealed.replace(/.$/, (last) => (last === "A" ? "Q" : "A")),
  ])
    expect(openSecret(OWNER, broken)).toBeNull();
});

test("what the secret before has sealed opens while that is given", () => {
  const sealed = sealSecret(OWNER, "JBSWY3DP");
  vi.stubEnv("AUTH_SECRET", "b".repeat(32));
  expect(openSecret(OWNER, sealed)).toBeNull();
  vi.stubEnv("AUTH_SECRET_PREVIOUS", "a".repeat(32));
  expect(openSecret(OWNER, sealed)).toEqual({ text: "JBSWY3DP", byPrevious: true });
});
