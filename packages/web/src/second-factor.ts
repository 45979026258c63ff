import { createHash } from "node:crypto";
import { forTenant } from "@openhouse/db/client";
import * as factors from "@openhouse/db/queries/second-factors";
import { openSecret, sealSecret } from "@openhouse/db/second-factor-secret";
import { Secret, TOTP } from "otpauth";
import { type Allowance, countAttempt, forgetAttempts } from "./attempts.ts";
import { log } from "./log.ts";
import type { VerifiedStaff } from "./staff-credentials.ts";

/** A member of staff, as whom somebody signs in or sets it up. */
export interface FactorOwner {
  readonly tenantId: string;
  readonly staffId: string;
}

/** How a second factor stands. While it is being set up, with the secret that the app has to learn. */
export type FactorState =
  | { state: "off" }
  | { state: "pending"; secret: string; uri: string }
  | { state: "on"; recoveryCodesLeft: number };

/** What came of a code, of the app or of paper. */
export type CodeVerdict =
  | { outcome: "accepted" }
  | { outcome: "wrong" }
  | { outcome: "limited"; retryAfterSeconds: number };

const ISSUER = "OpenHouse";
const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** 80 bits: their hashes need no salt, and no slow function. */
const RECOVERY_BYTES = 10;
/** Per account, and counted before a code is looked at: of a million codes three are good at any time. */
const GUESSES: Allowance = { name: "second-factor", attempts: 5, windowSeconds: 15 * 60 };

/** @param email shown by the app beside the code. */
export async function findFactor({ tenantId, staffId }: FactorOwner, email: string): Promise<FactorState> {
  const found = await factors.findSecondFactor(forTenant(tenantId), staffId);
  if (found === null || (!found.isOn && found.sealedSecret === "")) return { state: "off" };
  if (found.isOn) return { state: "on", recoveryCodesLeft: found.recoveryCodesLeft };
  const opened = openSecret({ tenantId, staffId }, found.sealedSecret);
  if (opened === null) return { state: "off" };
  return { state: "pending", secret: opened.text, uri: totpOf(opened.text, email).toString() };
}

/** Whether a sign-in has to ask for it. */
export async function hasFactor({ tenantId, staffId }: FactorOwner): Promise<boolean> {
  return (await factors.findSecondFactor(forTenant(tenantId), staffId))?.isOn === true;
}

/**
 * Begins to set one up, with a new secret; whatever was begun before is worth nothing any more. For who has just shown the
 * password: else whoever finds an open browser could lock its owner out.
 */
export async function beginFactor({ tenantId, staffId }: VerifiedStaff): Promise<void> {
  const secret = new Secret({ size: SECRET_BYTES }).base32;
  const sealedSecret = sealSecret({ tenantId, staffId }, secret);
  await factors.beginSecondFactor(forTenant(tenantId), { staffId, sealedSecret });
}

/** Turns on what was begun, where the app knows the secret. Answers the recovery codes, which nobody sees again. */
export async function confirmFactor(
  owner: FactorOwner,
  code: string,
  nowMs: number = Date.now(),
): Promise<{ outcome: "on"; recoveryCodes: string[] } | Exclude<CodeVerdict, { outcome: "accepted" }>> {
  const verdict = await countAttempt(GUESSES, owner.staffId);
  if (verdict.limited) return { outcome: "limited", retryAfterSeconds: verdict.retryAfterSeconds };
  const { tenantId, staffId } = owner;
  const db = forTenant(tenantId);
  const found = await factors.findSecondFactor(db, staffId);
  const step = found === null ? null : stepOf(owner, found.sealedSecret, code, nowMs);
  if (step === null) return { outcome: "wrong" };
  const { codes, recoveryHashes } = makeRecoveryCodes(owner);
  if (!(await factors.confirmSecondFactor(db, { staffId, step, recoveryHashes })))
    return { outcome: "wrong" };
  await forgetAttempts(GUESSES, staffId);
  return { outcome: "on", recoveryCodes: codes };
}

/** Checks a code of the app, or a recovery code. Each is good once. */
export async function checkFactor(
  owner: FactorOwner,
  code: string,
  nowMs: number = Date.now(),
): Promise<CodeVerdict> {
  const { tenantId, staffId } = owner;
  const verdict = await countAttempt(GUESSES, staffId);
  if (verdict.limited) return { outcome: "limited", retryAfterSeconds: verdict.retryAfterSeconds };
  const db = forTenant(tenantId);
  const found = await factors.findSecondFactor(db, staffId);
  if (found === null || !found.isOn) return { outcome: "wrong" };
  const step = stepOf(owner, found.sealedSecret, code, nowMs);
  const isTaken =
    step === null
      ? await factors.takeRecoveryCode(db, { staffId, hash: recoveryHash(owner, code) })
      : await factors.takeStep(db, { staffId, step });
  if (!isTaken) return { outcome: "wrong" };
  await forgetAttempts(GUESSES, staffId);
  return { outcome: "accepted" };
}

/** New recovery codes in place of the old ones, for who has just shown a code. */
export async function renewRecoveryCodes(owner: FactorOwner): Promise<string[]> {
  const { codes, recoveryHashes } = makeRecoveryCodes(owner);
  await factors.replaceRecoveryCodes(forTenant(owner.tenantId), { staffId: owner.staffId, recoveryHashes });
  return codes;
}

/** For who has just shown a code. */
export function turnFactorOff({ tenantId, staffId }: FactorOwner): Promise<void> {
  return factors.turnSecondFactorOff(forTenant(tenantId), staffId);
}

/** The 30 seconds that a code is of; null where it is not one of now. One before and one after are taken: clocks differ. */
function stepOf(owner: FactorOwner, sealedSecret: string, code: string, nowMs: number): number | null {
  const token = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const opened = openSecret(owner, sealedSecret);
  if (opened === null) {
    // To the visitor it is a wrong code; the operator has to know.
    log.error("web.second_factor_unreadable", { ...owner });
    return null;
  }
  const delta = totpOf(opened.text).validate({ token, timestamp: nowMs, window: 1 });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
}

function totpOf(secret: string, label = ""): TOTP {
  // What every app takes: others know neither longer codes nor other hashes.
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
}

function makeRecoveryCodes(owner: FactorOwner): { codes: string[]; recoveryHashes: string[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => {
    const { base32 } = new Secret({ size: RECOVERY_BYTES });
    return base32.match(/.{4}/g)?.join("-") ?? base32;
  });
  return { codes, recoveryHashes: codes.map((code) => recoveryHash(owner, code)) };
}

function recoveryHash({ tenantId, staffId }: FactorOwner, code: string): string {
  const bare = code.toUpperCase().replace(/[^A-Z2-7]/g, "");
  return createHash("sha256").update(`${tenantId}/${staffId}/${bare}`).digest("hex");
}
