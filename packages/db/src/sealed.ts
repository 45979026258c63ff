import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type KeyUse, keyFor, keysFor } from "./auth-secret.ts";

const CIPHER = "aes-256-gcm";
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Encrypts what the database is to keep and not to know, with a key of that use.
 *
 * @param context what it belongs to, such as an id: moved elsewhere it does not open.
 */
export function seal(use: KeyUse, context: string, text: string): string {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv(CIPHER, keyFor(use), nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString("base64url");
}

/** What was sealed, also under `AUTH_SECRET_PREVIOUS`, and whether that was it; null where no key of ours opens it. */
export function unseal(
  use: KeyUse,
  context: string,
  sealed: string,
): { text: string; byPrevious: boolean } | null {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < NONCE_LENGTH + TAG_LENGTH) return null;
  for (const [age, key] of keysFor(use).entries()) {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_LENGTH))
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_LENGTH));
    try {
      const text = decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH), undefined, "utf8");
      return { text: text + decipher.final("utf8"), byPrevious: age > 0 };
    } catch {
      // Perhaps another key's.
    }
  }
  return null;
}
