import { isIPv6 } from "node:net";
import { headers } from "next/headers";
import { peerAddress } from "./current-response.ts";
import { setting } from "./settings.ts";

/**
 * The client's address, for counting attempts.
 *
 * It is the socket's, because `X-Forwarded-For` is whatever the client writes into it: Next fills the header
 * in where it is missing and keeps it where it is not. With `TRUST_PROXY=true` the entry that the proxy
 * appended counts, with `TRUST_PROXY=2` the one that the first of two proxies appended. Without a socket to
 * look at, all callers share one address, and so one allowance.
 */
export async function clientAddress(): Promise<string> {
  return chooseAddress({
    peer: peerAddress(),
    forwardedFor: (await headers()).get("x-forwarded-for"),
    proxies: trustedProxies(),
  });
}

/**
 * `TRUST_PROXY`: how many proxies of ours stand in front. `true` is 1; unset and `false` are 0, and so is what
 * a portal does not start with.
 */
export function trustedProxies(): number {
  return readProxies(setting("TRUST_PROXY")) ?? 0;
}

/** What is wrong with `TRUST_PROXY`; empty where nothing is. Misread, it would count all visitors as one, or trust them. */
export function trustProxyFaults(text = setting("TRUST_PROXY")): readonly string[] {
  if (readProxies(text) !== null) return [];
  return [
    `TRUST_PROXY is "${text}"; it must be true, false or how many proxies of yours there are, 0 to 99, for example TRUST_PROXY=true`,
  ];
}

function readProxies(text: string | undefined): number | null {
  if (text === undefined || text === "" || text === "false") return 0;
  if (text === "true") return 1;
  return /^\d{1,2}$/.test(text) ? Number(text) : null;
}

/** The decision of `clientAddress`, on plain values. */
export function chooseAddress(seen: {
  peer: string | undefined;
  forwardedFor: string | null;
  proxies: number;
}): string {
  const { peer, forwardedFor, proxies } = seen;
  const entries = (forwardedFor ?? "").split(",").map((entry) => entry.trim());
  const forwarded = proxies > 0 ? entries.at(-proxies) : undefined;
  return bucket(forwarded || peer || "unknown");
}

/** One household has a whole IPv6 /64 to choose addresses from, so that is what counts. */
function bucket(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail = ""] = address.toLowerCase().split("%")[0]?.split("::") ?? [];
  const left = head.split(":").filter(Boolean);
  const right = tail.split(":").filter(Boolean);
  const zeros = address.includes("::") ? Math.max(8 - left.length - right.length, 0) : 0;
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
