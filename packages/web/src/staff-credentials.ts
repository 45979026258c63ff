import { verify } from "@node-rs/argon2";
import { db, forTenant } from "@openhouse/db/client";
import { findTenantByStaffEmail } from "@openhouse/db/queries/directory";
import { findStaffForSignIn } from "@openhouse/db/queries/staff";
import { type Allowance, countAttempt, forgetAttempts, forgiveAttempt } from "./attempts.ts";
import { log } from "./log.ts";

const WINDOW_SECONDS = 15 * 60;
const PER_ACCOUNT: Allowance = { name: "sign-in-account", attempts: 5, windowSeconds: WINDOW_SECONDS };
const PER_ADDRESS: Allowance = { name: "sign-in-address", attempts: 30, windowSeconds: WINDOW_SECONDS };

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
}

export type CredentialsOutcome =
  | { outcome: "verified"; tenantId: string; staffId: string }
  | { outcome: "wrong" }
  | { outcome: "limited"; retryAfterSeconds: number };

/**
 * Checks a staff member's e-mail and password. An account that does not exist, a disabled one and a password
 * too long to be one take the same statements and the same hash work as a wrong password, so that neither the
 * answer nor its time tells which it was.
 *
 * Every attempt is counted before the work for it is done, 5 an account and 30 an address in 15 minutes; what
 * was right is taken back.
 *
 * @throws errors of the database, those of counting too.
 */
export async function checkStaffCredentials({
  email,
  password,
  address,
}: Credentials): Promise<CredentialsOutcome> {
  const account = plausibleEmail(email);
  // The address first: whoever is out of attempts there must not use up those of an account.
  for (const [allowance, who] of [
    [PER_ADDRESS, address],
    [PER_ACCOUNT, account],
  ] as const) {
    const verdict = await countAttempt(allowance, who);
    if (verdict.limited) return { outcome: "limited", retryAfterSeconds: verdict.retryAfterSeconds };
  }

  const tenantId = (await findTenantByStaffEmail(db, account)) ?? NOBODYS_TENANT;
  const staff = await findStaffForSignIn(forTenant(tenantId), account);
  const tooLong = password.length > MAX_PASSWORD_LENGTH;
  const matches = await verifyPassword(staff?.passwordHash ?? NOBODYS_HASH, tooLong ? "" : password);
  if (staff === null || staff.disabled || tooLong || !matches) return { outcome: "wrong" };

  await forgetAttempts(PER_ACCOUNT, account);
  await forgiveAttempt(PER_ADDRESS, address);
  return { outcome: "verified", tenantId, staffId: staff.id };
}

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
