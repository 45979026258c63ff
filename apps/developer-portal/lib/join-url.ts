import { arrivedOverTls } from "@openhouse/web/public-url";
import { setting } from "@openhouse/web/settings";
import { headers } from "next/headers";

/** The address of the page where a token sets a password: under `PUBLIC_URL`, or where that is not set, under what this page was asked by. */
export async function joinUrl(token: string): Promise<string> {
  const sent = await headers();
  const scheme = arrivedOverTls(sent.get("x-forwarded-proto")) ? "https" : "http";
  const origin = setting("PUBLIC_URL") || `${scheme}://${sent.get("host") ?? "localhost:3000"}`;
  return `${origin.replace(/\/+$/, "")}/join/${token}`;
}
