import { randomBytes } from "node:crypto";

/** Crockford's base32: no I, L, O and U, which are misread when a code is typed from paper. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH = 20;

/** 100 random bits, unless `bytes` are given; each byte's low five bits make one character. */
export function onboardingCode(bytes: Uint8Array = randomBytes(CODE_LENGTH)): string {
  return Array.from(bytes.subarray(0, CODE_LENGTH), (byte) => ALPHABET.charAt(byte & 31)).join("");
}

/** What a person typed or scanned, as it is stored: upper case, without separators, look-alikes resolved. */
export function normalizeOnboardingCode(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}
