import { expect, test } from "vitest";
import { isLoopback } from "../src/current-response.ts";
import { metricsTokenFaults } from "../src/metrics.ts";

test("loopback is this machine's own network, in whichever notation, and no other address", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
    expect(isLoopback(address)).toBe(true);
  for (const address of [
    undefined,
    "",
    "10.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "127.0.0.1.example.com",
    "::",
  ])
    expect(isLoopback(address)).toBe(false);
});

test("a token that could be guessed or that no header can carry is a fault, and the fault does not tell it", () => {
  for (const token of ["short", "fifteen-letters", "with a blank in the middle", "grün-grün-grün-grün"]) {
    const faults = metricsTokenFaults(token);
    expect(faults).toEqual([expect.stringContaining("METRICS_TOKEN must have at least 16 characters")]);
    expect(String(faults)).not.toContain(token);
  }
  expect(metricsTokenFaults("0123456789abcdef")).toEqual([]);
  expect(metricsTokenFaults(undefined)).toEqual([]);
});
