import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/**
 * What Postgres stores for a password (RFC 5803). Sent in place of the password, which a server that
 * logs its statements would write to its log.
 *
 * @param iterations as the server has it in `scram_iterations`.
 */
export function scramVerifier(
  password: string,
  iterations: number,
  salt: Uint8Array = randomBytes(16),
): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const hmac = (label: string) => createHmac("sha256", salted).update(label).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const serverKey = hmac("Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}
