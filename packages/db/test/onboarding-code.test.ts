import { expect, test } from "vitest";
import { normalizeOnboardingCode, onboardingCode } from "../src/onboarding-code.ts";

test("codes are 20 characters of Crockford's base32, each of them used, none twice", () => {
  const codes = Array.from({ length: 2_000 }, () => onboardingCode());
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
  expect(new Set(codes).size).toBe(codes.length);
  expect(new Set(codes.join("")).size).toBe(32);
});

test("what people type is what was meant", () => {
  expect(normalizeOnboardingCode(" abod-efgh ilKM ")).toBe("AB0DEFGH11KM");
  const code = onboardingCode();
  expect(normalizeOnboardingCode(code)).toBe(code);
});
