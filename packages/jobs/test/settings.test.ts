import { describe, expect, onTestFinished, test, vi } from "vitest";
import { jobFaults } from "../src/settings.ts";

const KEY = `signkey-prod-${"ab".repeat(32)}`;

describe("settings that a portal starts with", () => {
  test.each([
    {},
    { INNGEST_SIGNING_KEY: KEY, INNGEST_SIGNING_KEY_FALLBACK: KEY, INNGEST_EVENT_KEY: "any" },
    { INNGEST_SIGNING_KEY: "ab".repeat(16) }, // as a server of one's own has it
    { INNGEST_SIGNING_KEY: KEY, INNGEST_DEV: "0" },
    { INNGEST_DEV: "1" },
    { INNGEST_DEV: "http://127.0.0.1:8288" },
    { INNGEST_DEV: "localhost:8288" },
  ])("%o", (settings) => {
    expect(jobFaults(settings)).toEqual([]);
  });
});

describe("settings that no portal starts with", () => {
  test("a dev server beside a signing key: who copies both would serve unsigned requests", () => {
    const faults = jobFaults({ INNGEST_SIGNING_KEY: KEY, INNGEST_DEV: "http://127.0.0.1:8288" });
    expect(faults).toEqual([expect.stringMatching(/^INNGEST_DEV .*INNGEST_SIGNING_KEY.* remove one/)]);
  });

  test.each(["1", "true", "http://127.0.0.1:8288"])("a dev server in production: INNGEST_DEV=%s", (dev) => {
    const refused = [expect.stringMatching(/^INNGEST_DEV is set in production.* set INNGEST_SIGNING_KEY/)];
    expect(jobFaults({ INNGEST_DEV: dev, NODE_ENV: "production" })).toEqual(refused);
    vi.stubEnv("NODE_ENV", "production");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(jobFaults({ INNGEST_DEV: dev })).toEqual(refused);
    expect(jobFaults({ INNGEST_DEV: "0" })).toEqual([]);
  });

  test("the example's signing key in production", () => {
    const example = { INNGEST_SIGNING_KEY: "signkey-prod-0123456789abcdef", NODE_ENV: "production" };
    expect(jobFaults(example)).toEqual([
      expect.stringMatching(/^INNGEST_SIGNING_KEY goes along the alphabet/),
    ]);
  });

  test.each(["ftp://inngest:8288", "http://", "yes please"])("INNGEST_DEV=%s", (dev) => {
    expect(jobFaults({ INNGEST_DEV: dev })).toEqual([expect.stringContaining(`INNGEST_DEV is "${dev}"`)]);
  });

  test.each(["INNGEST_SIGNING_KEY", "INNGEST_SIGNING_KEY_FALLBACK"])("%s that is none, unseen", (name) => {
    const faults = jobFaults({ [name]: "signkey-prod-hunter2" });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name} .*signkey-prod-0123`))]);
    expect(faults.join()).not.toContain("hunter2");
  });
});
