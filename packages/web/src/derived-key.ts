import { hkdfSync } from "node:crypto";
import { authSecret } from "@openhouse/db/auth-secret";

/** For what a key is made. */
export type KeyUse = "security log" | "known device" | "attempts";

const made = new Map<KeyUse, { secret: Uint8Array; key: Uint8Array }>();

/**
 * A key of `AUTH_SECRET` for one use, so that what is made for one is worth nothing for another.
 *
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`.
 */
export function derivedKey(use: KeyUse): Uint8Array {
  const secret = authSecret();
  const known = made.get(use);
  if (known?.secret === secret) return known.key;
  const key = new Uint8Array(hkdfSync("sha256", secret, "", `openhouse ${use}`, 32));
  made.set(use, { secret, key });
  return key;
}
