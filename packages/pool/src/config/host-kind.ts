import type { BlockList } from "node:net";
import { addressList, isIP, isIPv6 } from "./ip-address.ts";

/** Who signs the certificate of the server at a host, as far as its name tells. */
export type HostKind = "socket" | "loopback" | "private" | "public-ca" | "private-ca" | "unknown";

export interface HostClass {
  readonly kind: HostKind;
  /** The hosting provider whose name pattern matched. */
  readonly provider?: string;
}

const PUBLIC = "public-ca";
const PRIVATE = "private-ca";

/** The first match counts: RDS Proxy has a public certificate, other names under rds.amazonaws.com do not. */
const PROVIDERS: readonly (readonly [pattern: RegExp, kind: HostKind, provider: string])[] = [
  [/\.neon\.tech$/, PUBLIC, "Neon"],
  [/\.postgres\.database\.azure\.com$/, PUBLIC, "Azure"],
  [/\.cockroachlabs\.cloud$/, PUBLIC, "CockroachDB Cloud"],
  [/\.dsql\.[a-z0-9-]+\.on\.aws$/, PUBLIC, "Aurora DSQL"],
  [/\.psdb\.cloud$/, PUBLIC, "PlanetScale"],
  [/(^|\.)db\.prisma\.io$/, PUBLIC, "Prisma Postgres"],
  [/\.proxy-[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(\.cn)?$/, PUBLIC, "RDS Proxy"],
  [/\.rds\.amazonaws\.com(\.cn)?$/, PRIVATE, "Amazon RDS"],
  [/\.supabase\.(co|com)$/, PRIVATE, "Supabase"],
  // No public authority signs EC2's own names, so these are self-signed whoever runs them (Heroku does).
  [/\.(compute-1|[a-z0-9-]+\.compute)\.amazonaws\.com$/, PRIVATE, "Heroku or EC2"],
  [/\.db\.ondigitalocean\.com$/, PRIVATE, "DigitalOcean"],
  [/\.aivencloud\.com$/, PRIVATE, "Aiven"],
  [/\.rlwy\.net$/, PRIVATE, "Railway"],
  [/\.render\.com$/, PRIVATE, "Render"],
  [/\.tsdb\.cloud\.timescale\.com$/, PRIVATE, "Timescale"],
  [/\.flympg\.net$/, PRIVATE, "Fly"],
];

/** Made at the first address: Node loads what a list is of, and compiles how an address is read. */
let loopback: BlockList | undefined;
let privateNetworks: BlockList | undefined;

/** Sorts a host: a name, an IP address without brackets, or the directory of a Unix socket. */
export function classifyHost(host: string): HostClass {
  if (host.startsWith("/")) return { kind: "socket" };
  if (isIP(host) !== 0) return { kind: addressKind(host) };
  const name = host.toLowerCase().replace(/\.$/, "");
  if (/^(.+\.)?localhost$/.test(name)) return { kind: "loopback" };
  // A name without a dot only resolves inside a network: Docker, Kubernetes, Render's internal names.
  if (!name.includes(".") || /\.(local|internal|flycast)$/.test(name)) return { kind: "private" };
  for (const [pattern, kind, provider] of PROVIDERS) {
    if (pattern.test(name)) return { kind, provider };
  }
  return { kind: "unknown" };
}

/** Whether a pooler answers there that shares its connections by transaction and keeps no named statements. */
export function forgetsStatements({ host, port }: { host: string; port: number }): boolean {
  return port === 6543 && classifyHost(host).provider === "Supabase";
}

function networks(...subnets: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = addressList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, familyOf(address));
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

function addressKind(address: string): HostKind {
  const family = familyOf(address);
  loopback ??= networks(["127.0.0.0", 8], ["::1", 128]);
  if (loopback.check(address, family)) return "loopback";
  privateNetworks ??= networks(
    ["10.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["100.64.0.0", 10], // carrier-grade NAT, Tailscale
    ["169.254.0.0", 16],
    ["fc00::", 7],
    ["fe80::", 10],
  );
  return privateNetworks.check(address, family) ? "private" : "unknown";
}
