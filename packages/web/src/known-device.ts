import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { keyFor } from "@openhouse/db/auth-secret";

/** How long a browser that has signed in is known, in seconds: 180 days. */
export const KNOWN_FOR_SECONDS = 180 * 24 * 3600;

const VALUE = /^(?<id>[A-Za-z0-9_-]{22})\.(?<issued>\d{10})\.(?<mac>[A-Za-z0-9_-]{43})$/;

/**
 * The cookie's value for a browser that somebody has signed in with: it has attempts of its own for that account from then on,
 * so that nobody else's guesses come before its owner. It lets nobody in.
 *
 * @param account the e-mail address, as it is stored.
 */
export function newDevice(account: string): string {
  const id = randomBytes(16).toString("base64url");
  const issued = String(Math.floor(Date.now() / 1000));
  return `${id}.${issued}.${macOf(account, id, issued).toString("base64url")}`;
}

/** The browser's id, where it has signed in to this account within 180 days; null for every other cookie. */
export function knownDevice(account: string, cookie: string | undefined): string | null {
  const { id, issued, mac } = VALUE.exec(cookie ?? "")?.groups ?? {};
  if (id === undefined || issued === undefined || mac === undefined) return null;
  if (!timingSafeEqual(Buffer.from(mac, "base64url"), macOf(account, id, issued))) return null;
  return Date.now() / 1000 - Number(issued) < KNOWN_FOR_SECONDS ? id : null;
}

function macOf(account: string, id: string, issued: string): Buffer {
  return createHmac("sha256", keyFor("known device")).update(`${id}.${issued}.${account}`).digest();
}
