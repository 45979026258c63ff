import { cookies, headers } from "next/headers";
import { cache } from "react";
import { appendCookie } from "./current-response.ts";
import { KNOWN_FOR_SECONDS, knownDevice, newDevice } from "./known-device.ts";
import { arrivedOverTls } from "./public-url.ts";

/** What `knownDevice` reads, as the browser sent it. */
export async function sentDevice(): Promise<string | undefined> {
  return (await cookies()).get(await cookieName())?.value;
}

/**
 * Makes the browser known to be this account's, where it is not. For whoever is signed in; once a request, however often it
 * is called. By the response itself, as pages may not set cookies and it is a page that follows a sign-in.
 */
export const rememberDevice: (account: string) => Promise<void> = cache(async (account) => {
  if (knownDevice(account, await sentDevice()) !== null) return;
  const name = await cookieName();
  const secure = name.startsWith("__Host-") ? "; Secure" : "";
  appendCookie(
    `${name}=${newDevice(account)}; Path=/; Max-Age=${KNOWN_FOR_SECONDS}; HttpOnly; SameSite=Lax${secure}`,
  );
});

async function cookieName(): Promise<string> {
  const secure = arrivedOverTls((await headers()).get("x-forwarded-proto"));
  return secure ? "__Host-openhouse-device" : "openhouse-device";
}
