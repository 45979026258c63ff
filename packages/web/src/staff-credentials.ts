import { hash, verify } from "@node-rs/argon2";
import { dbForStrangers, forTenantAsStranger } from "@openhouse/db/client";
import { findTenantByStaffEmail } from "@openhouse/db/queries/directory";
import { findStaffForSignIn, type StaffForSignIn } from "@openhouse/db/queries/staff";
import { processGlobal } from "@openhouse/pool/process";
import { ACCOUNT_ANYWHERE, ACCOUNT_HERE, PER_ADDRESS, PER_DEVICE } from "./allowances.ts";
import {
  type Allowance,
  admit,
  countAttempt,
  countOnly,
  forgetAttempts,
  forgiveAttempt,
  type Verdict,
} from "./attempts.ts";
import { knownDevice } from "./known-device.ts";
import { log } from "./log.ts";
import { type SecurityFields, securityLog } from "./security-log.ts";
import { slowDown } from "./slow-down.ts";
import { TooBusyError, WorkLimit } from "./work-limit.ts";

/**
 * Two hashes at once, each 19 MiB and tens of milliseconds of a core: more would take the threads that files and names are
 * read with, and the processor from everybody who is in.
 */
const hashing = processGlobal("web/hashing", () => new WorkLimit({ atOnce: 2, maxWaiting: 20 }));
const BUSY_RETRY_SECONDS = 5;

/**
 * What a password is compared with when there is no account: argon2id with the parameters of the real hashes
 * (this library's defaults), of a password that nobody has.
 */
export const NOBODYS_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$drcWE4jwdMz8OS5fZ8N6/A$Bxz9fuUABCve8OjztbmAG4QrVZ1dZ9gifqVQuxqIOPA";

/** No tenant has it; asking there takes as long as asking where the account is. */
const NOBODYS_TENANT = "00000000-0000-0000-0000-000000000000";

/** Longer ones are not hashed: the work grows with the length, and a request may be a megabyte. */
const MAX_PASSWORD_LENGTH = 1024;
const MAX_EMAIL_LENGTH = 254;

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** The client's address, of `clientAddress()`. */
  readonly address: string;
  /** Of `sentDevice()`. */
  readonly device?: string | undefined;
}

/** Somebody who has just shown an account's password. */
export interface VerifiedStaff {
  readonly outcome: "verified";
  readonly tenantId: string;
  readonly staffId: string;
}

export type CredentialsOutcome =
  | VerifiedStaff
  | { outcome: "wrong" }
  | { outcome: "limited"; retryAfterSeconds: number }
  /** Too many are signing in. Nothing was tried. */
  | { outcome: "busy"; retryAfterSeconds: number };

/**
 * Checks a staff member's e-mail and password. An account that does not exist, a disabled one and a password
 * too long to be one take the same statements and the same hash work as a wrong password, so that neither the
 * answer nor its time tells which it was.
 *
 * Every attempt is counted before the work for it is done: 30 an address and 5 an account from one address in 15 minutes. What
 * was right is taken back. Of an account from everywhere they are counted as well, and wait longer and longer, but are not
 * refused: guesses from elsewhere keep nobody out. A browser that has signed in before has 10 of its own, and no wait.
 *
 * @throws errors of the database, those of counting too.
 */
export async function checkStaffCredentials(credentials: Credentials): Promise<CredentialsOutcome> {
  const account = plausibleEmail(credentials.email);
  const deviceId = knownDevice(account, credentials.device);
  const from: From = { account, address: credentials.address, deviceId };
  try {
    const verdict = await countFor(from);
    if (verdict.limited) return { outcome: "limited", retryAfterSeconds: verdict.retryAfterSeconds };
    return await check(from, credentials.password);
  } catch (error) {
    if (!(error instanceof TooBusyError)) throw error;
    return { outcome: "busy", retryAfterSeconds: BUSY_RETRY_SECONDS };
  }
}

interface From {
  readonly account: string;
  readonly address: string;
  readonly deviceId: string | null;
}

const NOT_LIMITED: Verdict = { limited: false };

async function countFor({ account, address, deviceId }: From): Promise<Verdict> {
  const counted = async (reason: string, allowance: Allowance, who: string): Promise<Verdict> => {
    const verdict = await countAttempt(allowance, who);
    if (verdict.limited && verdict.isNews)
      securityLog("auth.limited", { portal: "developer", address, account, reason });
    return verdict;
  };
  // A device that has used its attempts up is from then on treated as one that nobody knows.
  if (deviceId !== null && !(await admit(PER_DEVICE, deviceId)).limited) {
    if (!(await counted("device", PER_DEVICE, deviceId)).limited) return NOT_LIMITED;
  }
  // The address first: whoever is out of attempts there must not use up those of an account.
  const allowances = [
    ["address", PER_ADDRESS, address],
    ["account_here", ACCOUNT_HERE, placeOf({ account, address })],
  ] as const;
  // All that is known before the first statement.
  for (const [, allowance, who] of allowances) {
    const known = await admit(allowance, who);
    if (known.limited) return known;
  }
  for (const [reason, allowance, who] of allowances) {
    const verdict = await counted(reason, allowance, who);
    if (verdict.limited) return verdict;
  }
  await slowDown(await countOnly(ACCOUNT_ANYWHERE, account));
  return NOT_LIMITED;
}

async function check(from: From, password: string): Promise<CredentialsOutcome> {
  const { account, address, deviceId } = from;
  const tenantId = await findTenantByStaffEmail(dbForStrangers, account);
  const staff = await findStaffForSignIn(forTenantAsStranger(tenantId ?? NOBODYS_TENANT), account);
  const tooLong = password.length > MAX_PASSWORD_LENGTH;
  const matches = await hashing.run(() =>
    verifyPassword(staff?.passwordHash ?? NOBODYS_HASH, tooLong ? "" : password),
  );
  const about = { portal: "developer", tenant: tenantId ?? undefined, subject: staff?.id, address } as const;
  if (tenantId === null || staff === null || staff.disabled || tooLong || !matches) {
    securityLog("auth.refused", { ...about, account, reason: reasonOf(staff) } satisfies SecurityFields);
    return { outcome: "wrong" };
  }
  await Promise.all([
    forgetAttempts(ACCOUNT_HERE, placeOf(from)),
    forgiveAttempt(PER_ADDRESS, address),
    forgiveAttempt(ACCOUNT_ANYWHERE, account),
    ...(deviceId === null ? [] : [forgetAttempts(PER_DEVICE, deviceId)]),
  ]);
  securityLog("auth.sign_in", about);
  return { outcome: "verified", tenantId, staffId: staff.id };
}

/**
 * A password as it is stored: argon2id, with the library's parameters.
 *
 * @throws {TooBusyError} too many are being hashed.
 */
export const hashPassword = (password: string): Promise<string> => hashing.run(() => hash(password));

function reasonOf(staff: StaffForSignIn | null): string {
  if (staff === null) return "unknown_account";
  return staff.disabled ? "disabled" : "wrong_password";
}

/** No e-mail address that is stored holds a blank, and no client's address. */
const placeOf = ({ account, address }: Pick<From, "account" | "address">) => `${account} ${address}`;

/**
 * As it is stored. What cannot be an address (Postgres refuses NUL, nobody has 300 characters) becomes one
 * that nobody has.
 */
function plausibleEmail(email: string): string {
  const trimmed = email.trim().toLowerCase();
  return trimmed.length > MAX_EMAIL_LENGTH || trimmed.includes("\0") ? "" : trimmed;
}

async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, password);
  } catch {
    // To the visitor an unreadable hash is a wrong password; the operator has to know.
    log.error("web.password_hash_unreadable");
    return false;
  }
}
