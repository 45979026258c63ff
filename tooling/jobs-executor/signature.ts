import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const PREFIX = /^signkey-\w+-/;

/**
 * The signature of a request to the portal, as Inngest makes it: over the body and the time in seconds.
 *
 * @param body the text that is sent, canonical JSON; empty for a request without one.
 */
export function signatureOf(body: string, signingKey: string, nowMs: number): string {
  const seconds = String(Math.round(nowMs / 1000));
  const key = signingKey.replace(PREFIX, "");
  return `t=${seconds}&s=${createHmac("sha256", key).update(body).update(seconds).digest("hex")}`;
}

/** What the portal shows of its signing key when it registers: a hash, so that whoever sees it cannot sign. */
export function bearerOf(signingKey: string): string {
  const prefix = PREFIX.exec(signingKey)?.[0] ?? "";
  const key = Buffer.from(signingKey.slice(prefix.length), "hex");
  return `Bearer ${prefix}${createHash("sha256").update(key).digest("hex")}`;
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
