import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { securityLog } from "../src/security-log.ts";

const SECRET = "a secret of at least 32 characters, one";
const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  vi.stubEnv("AUTH_SECRET", SECRET);
  for (const level of ["info", "warn"] as const)
    vi.spyOn(console, level).mockImplementation((line) => lines.push(String(line)));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const written = () => lines.map((line) => Object(JSON.parse(line)));

test("a line says who and where from, and neither address nor e-mail can be read in it", () => {
  securityLog("auth.refused", {
    portal: "developer",
    tenant: "a tenant",
    subject: "a subject",
    address: "203.0.113.9",
    account: "amelia@harbourvale.example",
    reason: "wrong_password",
  });
  expect(written()).toEqual([
    {
      time: expect.any(String),
      level: "warn",
      event: "auth.refused",
      portal: "developer",
      tenant: "a tenant",
      subject: "a subject",
      reason: "wrong_password",
      address: expect.stringMatching(/^[0-9a-f]{16}$/),
      account: expect.stringMatching(/^[0-9a-f]{16}$/),
    },
  ]);
  expect(lines[0]).not.toMatch(/203\.0|amelia/);
});

test("one client has one hash, another has another, and another secret makes others", () => {
  const of = (address: string) => {
    securityLog("auth.sign_in", { address });
    return written().at(-1).address;
  };
  const first = of("203.0.113.9");
  expect(of("203.0.113.9")).toBe(first);
  expect(of("203.0.113.10")).not.toBe(first);
  vi.stubEnv("AUTH_SECRET", `${SECRET}, another`);
  expect(of("203.0.113.9")).not.toBe(first);
});

test("a log that cannot be written to stops nobody", () => {
  vi.mocked(console.info).mockImplementation(() => {
    throw new Error("the disk is full");
  });
  expect(() => securityLog("auth.sign_in", { address: "203.0.113.9" })).not.toThrow();
});
