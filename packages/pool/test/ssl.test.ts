import { describe, expect, test } from "vitest";
import { classifyHost, type HostKind } from "../src/config/host-kind.ts";
import {
  type DatabaseSsl,
  decideSsl,
  type SslDecision,
  type SslMode,
  type SslRequest,
} from "../src/config/tls.ts";

const CA = "-----BEGIN CERTIFICATE-----";

/** The decision; `fault` for a refusal, and a `!` behind a decision that comes with a warning. */
function outcome(request: SslRequest): string {
  const decided = decideSsl(request);
  if ("fault" in decided) return "fault";
  return decided.warning === undefined ? decided.decision : `${decided.decision}!`;
}

function decide(request: SslRequest): SslDecision {
  const decided = decideSsl(request);
  if ("fault" in decided) throw new Error(decided.fault);
  return decided;
}

function faultOf(request: SslRequest): string {
  const decided = decideSsl(request);
  return "fault" in decided ? decided.fault : "";
}

const HOSTS: [host: string, kind: HostKind, provider?: string][] = [
  ["/cloudsql/project:region:instance", "socket"],
  ["LOCALHOST", "loopback"],
  ["db.localhost", "loopback"],
  ["127.8.8.8", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["fe80::1%eth0", "private"],
  ["db", "private"],
  ["postgres.railway.internal", "private"],
  ["db.default.svc.cluster.local", "private"],
  ["ep-cool-sea-123456.westus3.azure.neon.tech.", "public-ca", "Neon"],
  ["db.prisma.io", "public-ca", "Prisma Postgres"],
  ["pooled.db.prisma.io", "public-ca", "Prisma Postgres"],
  ["house.proxy-abc123.eu-west-1.rds.amazonaws.com", "public-ca", "RDS Proxy"],
  ["readonly.endpoint.proxy-abc123.eu-west-1.rds.amazonaws.com", "public-ca", "RDS Proxy"],
  ["house.abc123.eu-west-1.rds.amazonaws.com", "private-ca", "Amazon RDS"],
  ["house.abc123.cn-north-1.rds.amazonaws.com.cn", "private-ca", "Amazon RDS"],
  ["my-proxy-db.abc123.eu-west-1.rds.amazonaws.com", "private-ca", "Amazon RDS"],
  ["DB.ABCDEFGH.SUPABASE.CO", "private-ca", "Supabase"],
  ["ec2-1-2-3-4.compute-1.amazonaws.com", "private-ca", "Heroku or EC2"],
  ["ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", "private-ca", "Heroku or EC2"],
  ["172.15.255.255", "unknown"],
  ["172.32.0.1", "unknown"],
  ["100.128.0.1", "unknown"],
  ["2001:db8::1", "unknown"],
  // Names that only look like a provider's, or like a local one.
  ["evil-neon.tech", "unknown"],
  ["db.abc.supabase.co.example.com", "unknown"],
  ["notdb.prisma.io", "unknown"],
  ["localhost.example.com", "unknown"],
  ["internal.example.com", "unknown"],
  ["10.0.0.1.example.com", "unknown"],
];

test.each(HOSTS)("the host %s is %s %s", (host, kind, provider) => {
  expect(classifyHost(host)).toEqual(provider === undefined ? { kind } : { kind, provider });
});

const BY_KIND: Record<HostKind, string> = {
  socket: "/var/run/postgresql",
  loopback: "localhost",
  private: "db.internal",
  "public-ca": "ep-x.eu.aws.neon.tech",
  "private-ca": "db.abc.supabase.co",
  unknown: "db.example.com",
};

// Without a CA, with one. "!" is a warning.
const UNASKED: [HostKind, string, string][] = [
  ["socket", "off", "off!"],
  ["loopback", "off", "off!"],
  ["private", "off", "verify-full"],
  ["public-ca", "verify-full", "verify-full"],
  ["private-ca", "encrypted!", "verify-full"],
  ["unknown", "verify-full", "verify-full"],
];

test.each(UNASKED)(
  "where nothing is asked for, a %s host gets %s, and with a CA %s",
  (kind, without, withCa) => {
    for (const asked of [{}, { sslmode: "prefer" }, { sslmode: "allow" }] as const) {
      const request = { host: BY_KIND[kind], ...asked };
      expect([outcome(request), outcome({ ...request, ca: CA })]).toEqual([without, withCa]);
    }
  },
);

/** Each mode that can be asked for, with the weakest decision that libpq's manual lets pass for it. */
const WEAKEST: [SslMode, DatabaseSsl, SslDecision["decision"]][] = [
  ["disable", "false", "off"],
  ["no-verify", "no-verify", "encrypted"],
  ["require", "true", "encrypted"],
  ["verify-ca", "verify-ca", "verify-ca"],
  ["verify-full", "verify-full", "verify-full"],
];
const STRENGTH: string[] = WEAKEST.map(([, , decision]) => decision);
const HOSTS_WITH_TLS = Object.entries(BY_KIND).filter(([kind]) => kind !== "socket");

describe.each(WEAKEST)("%s, which DATABASE_SSL=%s asks for too,", (sslmode, databaseSsl, weakest) => {
  const outcomes = (ca?: string) =>
    HOSTS_WITH_TLS.map(([kind, host]) => {
      const found = outcome({ host, sslmode, ca });
      expect(outcome({ host, databaseSsl, ca }), kind).toBe(found);
      expect(outcome({ host, databaseSsl, sslmode: "disable", ca }), kind).toBe(found);
      return found;
    });

  test("is refused or obeyed, never answered with less", () => {
    for (const found of [...outcomes(), ...outcomes(CA)].filter((each) => each !== "fault")) {
      expect(STRENGTH.indexOf(found.replace("!", ""))).toBeGreaterThanOrEqual(STRENGTH.indexOf(weakest));
    }
  });

  test("is verified wherever it can be, unless that is waived", () => {
    const waived = sslmode === "disable" || sslmode === "no-verify";
    const verified = waived ? weakest : sslmode === "verify-ca" ? "verify-ca" : "verify-full";
    expect(new Set(outcomes(CA))).toEqual(new Set([verified]));
    expect(outcome({ host: BY_KIND["public-ca"], sslmode })).toBe(
      sslmode === "verify-ca" ? "fault" : verified,
    );
  });

  test("is off on a socket, which does not leave the machine", () => {
    expect(outcome({ host: BY_KIND.socket, sslmode })).toBe("off");
  });
});

test("who asks for what only a CA can verify, and gives none, is refused", () => {
  const refused = HOSTS_WITH_TLS.filter(([, host]) => outcome({ host, sslmode: "verify-full" }) === "fault");
  expect(refused.map(([kind]) => kind)).toEqual(["private-ca"]);
  for (const [, host] of HOSTS_WITH_TLS) expect(outcome({ host, sslmode: "verify-ca" })).toBe("fault");
});

test("who asks for encryption and cannot have it verified is warned, except on this machine", () => {
  const warned = HOSTS_WITH_TLS.filter(([, host]) => outcome({ host, sslmode: "require" }) === "encrypted!");
  expect(warned.map(([kind]) => kind)).toEqual(["private", "private-ca"]);
  expect(outcome({ host: BY_KIND.loopback, sslmode: "require" })).toBe("encrypted");
});

const MODES_BY_STRENGTH = ["no-verify", "require", "verify-ca", "verify-full"] as const;

test("DATABASE_SSL weaker than the URL's sslmode is a fault that names both", () => {
  for (const [index, sslmode] of MODES_BY_STRENGTH.entries()) {
    for (const databaseSsl of ["false", ...MODES_BY_STRENGTH.slice(0, index)] as const) {
      const fault = faultOf({
        host: "localhost",
        sslmode,
        databaseSsl,
        ca: CA,
        variable: "DATABASE_URL_OWNER",
      });
      expect(fault).toContain(
        `DATABASE_SSL=${databaseSsl} is weaker than sslmode=${sslmode} in DATABASE_URL_OWNER`,
      );
    }
  }
});

test("what pg is given is explicit, whole and no more than the decision needs", () => {
  const host = "db.abc.supabase.co";
  expect(decide({ host: "localhost" }).ssl).toBe(false);
  expect(decide({ host }).ssl).toEqual({ rejectUnauthorized: false, servername: host });
  expect(decide({ host, sslmode: "no-verify", ca: CA }).ssl).toEqual({
    rejectUnauthorized: false,
    servername: host,
  });
  expect(decide({ host, ca: CA }).ssl).toEqual({ rejectUnauthorized: true, servername: host, ca: CA });
  expect(decide({ host: "db.example.com" }).ssl).toEqual({
    rejectUnauthorized: true,
    servername: "db.example.com",
  });
  expect(decide({ host: "8.8.8.8", ca: CA }).ssl).toEqual({ rejectUnauthorized: true, ca: CA });
  const chainOnly = decide({ host, databaseSsl: "verify-ca", ca: CA }).ssl;
  expect(chainOnly).toEqual({
    rejectUnauthorized: true,
    servername: host,
    ca: CA,
    checkServerIdentity: expect.any(Function),
  });
});

test("the system's roots verify any host, but not in verify-ca", () => {
  const host = "db.abc.supabase.co";
  expect(decide({ host, databaseSsl: "verify-full", ca: "system" }).ssl).toEqual({
    rejectUnauthorized: true,
    servername: host,
  });
  expect(faultOf({ host, sslmode: "verify-ca", ca: "system" })).toMatch(
    /sslmode=verify-ca in DATABASE_URL .*verify-full/,
  );
});

test("faults and warnings say what to do, and name the setting that asked", () => {
  const host = "db.abc.supabase.co";
  expect(faultOf({ host, databaseSsl: "verify-full" })).toMatch(
    /^DATABASE_SSL=verify-full needs .*Supabase.*DATABASE_SSL_CA=\/path/,
  );
  expect(faultOf({ host, sslmode: "verify-full" })).toMatch(/^sslmode=verify-full in DATABASE_URL needs/);
  expect(decide({ host }).warning).toMatch(
    /^DATABASE_URL: .*not verified.*Supabase.*DATABASE_SSL_CA=.*DATABASE_SSL=no-verify/,
  );
  expect(decide({ host, variable: "DATABASE_URL_OWNER" }).warning).toMatch(/^DATABASE_URL_OWNER: /);
  expect(decide({ host: "localhost", ca: CA }).warning).toMatch(/not used.*DATABASE_SSL=verify-full/);
  expect(decide({ host: "localhost" }).reason).toBe("the host is this machine");
});
