import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { BlockList, isIP, isIPv6 } from "node:net";
import type pg from "pg";
import type { Check } from "../check.ts";
import { type Found, note, ok, warn, wrong } from "../finding.ts";

const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet("127.0.0.0", 8);
THIS_MACHINE.addAddress("::1", "ipv6");

export interface TlsInForce {
  /** Whether what is sent leaves this machine. */
  readonly isLocal: boolean;
  /** As the client has it; behind a pooler the server speaks of another connection. */
  readonly encrypted: boolean;
  readonly version: string | null;
  readonly verified: boolean;
}

/** What is to be said of a connection's TLS. */
export function judgeTls({ isLocal, encrypted, version, verified }: TlsInForce): readonly Found[] {
  if (isLocal) return [ok(`${encrypted ? (version ?? "on") : "off"}: the server is on this machine`)];
  if (!encrypted)
    return [
      wrong(
        "the connection is not encrypted",
        "sslmode=verify-full in the URL, or DATABASE_SSL=verify-full, with DATABASE_SSL_CA",
      ),
    ];
  if (!verified)
    return [
      warn(
        "encrypted, but nobody has looked who answers",
        "DATABASE_SSL=verify-full, with DATABASE_SSL_CA for an authority of the provider's own",
      ),
    ];
  if (version !== null && version < "TLSv1.2")
    return [
      warn(`${version} is no longer safe`, "alter system set ssl_min_protocol_version = 'TLSv1.2'; reload"),
    ];
  return [ok(`${version ?? "on"}, verified`)];
}

export const tls: Check = {
  id: "tls",
  title: "TLS in force",
  why: "whoever is on the way reads rows and passwords, or answers in the server's place",
  async look({ app, settings }) {
    const stream = streamOf(app);
    const { rows } = await app.query<{ version: string | null }>(
      "select version from pg_stat_ssl where pid = pg_backend_pid()",
    );
    const address = stream.remoteAddress;
    const { ssl } = settings.options;
    return judgeTls({
      isLocal: address === undefined || THIS_MACHINE.check(address, isIPv6(address) ? "ipv6" : "ipv4"),
      encrypted: stream.encrypted === true,
      version: rows[0]?.version ?? null,
      verified: typeof ssl === "object" && ssl.rejectUnauthorized !== false,
    });
  },
};

/** pg keeps it from its types; a TLS socket says so of itself. */
function streamOf(client: pg.Client): Socket & { encrypted?: boolean } {
  return (client as unknown as { connection: { stream: Socket & { encrypted?: boolean } } }).connection
    .stream;
}

const DNS_SLOW_MS = 100;

export interface NameLookup {
  readonly host: string;
  readonly tookMs: number;
  readonly addresses: readonly string[];
}

/** What is to be said of a look-up. One machine may have an address of each family. */
export function judgeDns({ host, tookMs, addresses }: NameLookup): readonly Found[] {
  const seen = `${host}: ${addresses.join(", ")} in ${tookMs} ms`;
  if (tookMs > DNS_SLOW_MS)
    return [warn(`${host} took ${tookMs} ms`, "a resolver nearer by, or one that keeps answers", host)];
  const count = Math.max(...[4, 6].map((family) => addresses.filter((each) => isIP(each) === family).length));
  if (count > 1)
    return [
      note(
        `${seen}: ${count} addresses of one kind`,
        "nothing where they lead to one server; else a name that follows the primary, as connections go to any of them",
        host,
      ),
    ];
  return [ok(seen)];
}

export const dns: Check = {
  id: "dns",
  title: "looking the host's name up",
  why: "every new connection begins with it, and four at once are all that Node looks up; of several addresses each may be another server",
  async look({ settings }) {
    const { host } = settings.options;
    if (host.startsWith("/") || isIP(host) !== 0) return [ok("there is no name to look up")];
    const startedAt = performance.now();
    const found = await lookup(host, { all: true });
    const tookMs = Math.round(performance.now() - startedAt);
    return judgeDns({ host, tookMs, addresses: found.map(({ address }) => address) });
  },
};

const PINGS = 30;
const ROUND_TRIP_SLOW_MS = 20;

export const roundTrip: Check = {
  id: "round_trip",
  title: "round trip and its spread",
  why: "a page waits for it once a statement; where it varies, so do all pages",
  async look({ app }) {
    const times: number[] = [];
    for (let ping = 0; ping < PINGS; ping++) {
      const startedAt = performance.now();
      await app.query("select 1");
      times.push(performance.now() - startedAt);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
    const [p50, p95] = [at(0.5), at(0.95)];
    const seen = `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms of ${PINGS}`;
    if (p50 > ROUND_TRIP_SLOW_MS) return [warn(seen, "the portals in the server's region and zone")];
    if (p95 > 5 * p50 && p95 > ROUND_TRIP_SLOW_MS)
      return [note(`${seen}: it varies`, "load of the server, and of this machine")];
    return [ok(seen)];
  },
};

const SKEW_WARN_MS = 250;
const SKEW_WRONG_MS = 1_000;

export const clock: Check = {
  id: "clock",
  title: "clocks of this machine and of the server",
  why: "tokens expire at once or hold too long, and lines of two logs cannot be put in order",
  async look(examination) {
    let shortestMs = Number.POSITIVE_INFINITY;
    let skewMs = 0;
    for (let asked = 0; asked < 5; asked++) {
      const before = examination.now;
      const { rows } = await examination.app.query<{ at: string }>(
        "select (extract(epoch from clock_timestamp()) * 1000)::float8 as at",
      );
      const after = examination.now;
      if (after - before >= shortestMs) continue;
      shortestMs = after - before;
      skewMs = Number(rows[0]?.at) - (before + after) / 2;
    }
    // Somewhere in the round trip the server has looked at its clock.
    const sureMs = Math.max(0, Math.abs(skewMs) - shortestMs / 2);
    const ahead = skewMs > 0 ? "ahead of" : "behind";
    const what = `the server's clock is ${Math.round(Math.abs(skewMs))} ms ${ahead} this machine's, give or take ${Math.ceil(shortestMs / 2)}`;
    if (sureMs > SKEW_WRONG_MS) return [wrong(what, "NTP on both")];
    if (sureMs > SKEW_WARN_MS) return [warn(what, "NTP on both")];
    return [ok(what)];
  },
};
