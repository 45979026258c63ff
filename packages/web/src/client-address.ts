import { isIPv4, isIPv6, SocketAddress } from "node:net";
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

/**
 * The decision of `clientAddress`, on plain values. What a proxy wrote and is no address (`unknown`, a name) counts as the
 * peer, that proxy: such visitors share its allowance among themselves, and with nobody whose address is known.
 */
export function chooseAddress(seen: {
  peer: string | undefined;
  forwardedFor: string | null;
  proxies: number;
}): string {
  const { peer, forwardedFor, proxies } = seen;
  const entries = (forwardedFor ?? "").split(",");
  const forwarded = proxies > 0 ? entries.at(-proxies) : undefined;
  return bucket(forwarded) ?? bucket(peer) ?? "unknown";
}

/** `203.0.113.9:443`, `[2001:db8::1]`, `[2001:db8::1]:443`: some proxies write the port, which is another for each connection. */
const WITH_PORT = /^(?:\[(?<bracketed>[^\]]*)\](?::\d+)?|(?<plain>[\d.]+):\d+)$/;

/**
 * What an address counts as: IPv4 each by itself, also where IPv6 wraps it; of IPv6 a whole /64, which one household has
 * to choose from.
 *
 * @returns undefined for what is no address.
 */
function bucket(text = ""): string | undefined {
  const { bracketed, plain } = WITH_PORT.exec(text.trim())?.groups ?? {};
  const [address = ""] = (bracketed ?? plain ?? text.trim()).split("%");
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const canonical = new SocketAddress({ address, family: "ipv6" }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1];
  return mapped ?? `${firstGroups(canonical).join(":")}::/64`;
}

/** The first 64 bits, which zeros may be left out of. */
function firstGroups(canonical: string): string[] {
  const [head = "", tail] = canonical.split("::");
  const groups = (text = "") => text.split(":").filter(Boolean);
  // An IPv4 address at the end stands for two groups.
  const leftOut = 8 - groups(head).length - groups(tail).length - (canonical.includes(".") ? 1 : 0);
  const zeros = tail === undefined ? 0 : leftOut;
  return [...groups(head), ...Array<string>(zeros).fill("0"), ...groups(tail)].slice(0, 4);
}
