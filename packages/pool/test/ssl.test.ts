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
  ["/var/run/postgresql", "socket"],
  ["/cloudsql/project:region:instance", "socket"],
  ["localhost", "loopback"],
  ["LOCALHOST", "loopback"],
  ["db.localhost", "loopback"],
  ["127.0.0.1", "loopback"],
  ["127.8.8.8", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["10.1.2.3", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["169.254.1.1", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["fd12:3456::1", "private"],
  ["fe80::1%eth0", "private"],
  ["db", "private"],
  ["dpg-abc123-a", "private"],
  ["postgres.railway.internal", "private"],
  ["host.docker.internal", "private"],
  ["app-db.internal", "private"],
  ["app-db.flycast", "private"],
  ["nas.local", "private"],
  ["db.default.svc.cluster.local", "private"],
  ["ep-cool-sea-123456.eu-central-1.aws.neon.tech", "public-ca", "Neon"],
  ["ep-cool-sea-123456-pooler.c-2.eu-central-1.aws.neon.tech", "public-ca", "Neon"],
  ["ep-cool-sea-123456.westus3.azure.neon.tech.", "public-ca", "Neon"],
  ["house.postgres.database.azure.com", "public-ca", "Azure"],
  ["house-1.abc.aws-eu-west-1.cockroachlabs.cloud", "public-ca", "CockroachDB Cloud"],
  ["abc123.dsql.us-east-1.on.aws", "public-ca", "Aurora DSQL"],
  ["aws.connect.psdb.cloud", "public-ca", "PlanetScale"],
  ["db.prisma.io", "public-ca", "Prisma Postgres"],
  ["pooled.db.prisma.io", "public-ca", "Prisma Postgres"],
  ["house.proxy-abc123.eu-west-1.rds.amazonaws.com", "public-ca", "RDS Proxy"],
  ["readonly.endpoint.proxy-abc123.eu-west-1.rds.amazonaws.com", "public-ca", "RDS Proxy"],
  ["house.abc123.eu-west-1.rds.amazonaws.com", "private-ca", "Amazon RDS"],
  ["house.cluster-abc123.eu-west-1.rds.amazonaws.com", "private-ca", "Amazon RDS"],
  ["house.cluster-ro-abc123.eu-west-1.rds.amazonaws.com", "private-ca", "Amazon RDS"],
  ["house.abc123.cn-north-1.rds.amazonaws.com.cn", "private-ca", "Amazon RDS"],
  ["my-proxy-db.abc123.eu-west-1.rds.amazonaws.com", "private-ca", "Amazon RDS"],
  ["db.abcdefgh.supabase.co", "private-ca", "Supabase"],
  ["DB.ABCDEFGH.SUPABASE.CO", "private-ca", "Supabase"],
  ["aws-0-eu-west-1.pooler.supabase.com", "private-ca", "Supabase"],
  ["ec2-1-2-3-4.compute-1.amazonaws.com", "private-ca", "Heroku or EC2"],
  ["ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", "private-ca", "Heroku or EC2"],
  ["house-do-user-1-0.b.db.ondigitalocean.com", "private-ca", "DigitalOcean"],
  ["house-org.a.aivencloud.com", "private-ca", "Aiven"],
  ["roundhouse.proxy.rlwy.net", "private-ca", "Railway"],
  ["dpg-abc123-a.frankfurt-postgres.render.com", "private-ca", "Render"],
  ["abc.def.tsdb.cloud.timescale.com", "private-ca", "Timescale"],
  ["pgbouncer.abc.flympg.net", "private-ca", "Fly"],
  ["db.example.com", "unknown"],
  ["8.8.8.8", "unknown"],
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

test.each(HOSTS)("%s is %s %s", (host, kind, provider) => {
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
const POLICY: Record<HostKind, Record<string, [string, string]>> = {
  socket: {
    unset: ["off", "off!"],
    disable: ["off", "off"],
    "no-verify": ["off", "off!"],
    require: ["off", "off!"],
    "verify-ca": ["off", "off!"],
    "verify-full": ["off", "off!"],
  },
  loopback: {
    unset: ["off", "off!"],
    disable: ["off", "off"],
    "no-verify": ["encrypted", "encrypted"],
    require: ["encrypted", "verify-full"],
    "verify-ca": ["fault", "verify-ca"],
    "verify-full": ["verify-full", "verify-full"],
  },
  private: {
    unset: ["off", "verify-full"],
    disable: ["off", "off"],
    "no-verify": ["encrypted", "encrypted"],
    require: ["encrypted!", "verify-full"],
    "verify-ca": ["fault", "verify-ca"],
    "verify-full": ["verify-full", "verify-full"],
  },
  "public-ca": {
    unset: ["verify-full", "verify-full"],
    disable: ["off", "off"],
    "no-verify": ["encrypted", "encrypted"],
    require: ["verify-full", "verify-full"],
    "verify-ca": ["fault", "verify-ca"],
    "verify-full": ["verify-full", "verify-full"],
  },
  "private-ca": {
    unset: ["encrypted!", "verify-full"],
    disable: ["off", "off"],
    "no-verify": ["encrypted", "encrypted"],
    require: ["encrypted!", "verify-full"],
    "verify-ca": ["fault", "verify-ca"],
    "verify-full": ["fault", "verify-full"],
  },
  unknown: {
    unset: ["verify-full", "verify-full"],
    disable: ["off", "off"],
    "no-verify": ["encrypted", "encrypted"],
    require: ["verify-full", "verify-full"],
    "verify-ca": ["fault", "verify-ca"],
    "verify-full": ["verify-full", "verify-full"],
  },
};

/** How each mode can be asked for: in the URL, in DATABASE_SSL, or both. */
const ASKED: Record<string, { sslmode?: SslMode; databaseSsl?: DatabaseSsl }[]> = {
  unset: [{}, { sslmode: "prefer" }, { sslmode: "allow" }],
  disable: [{ sslmode: "disable" }, { databaseSsl: "false" }, { databaseSsl: "disable", sslmode: "prefer" }],
  "no-verify": [
    { sslmode: "no-verify" },
    { databaseSsl: "no-verify" },
    { databaseSsl: "no-verify", sslmode: "disable" },
  ],
  require: [
    { sslmode: "require" },
    { databaseSsl: "true" },
    { databaseSsl: "require", sslmode: "no-verify" },
  ],
  "verify-ca": [
    { sslmode: "verify-ca" },
    { databaseSsl: "verify-ca" },
    { databaseSsl: "verify-ca", sslmode: "require" },
  ],
  "verify-full": [
    { sslmode: "verify-full" },
    { databaseSsl: "verify-full" },
    { databaseSsl: "verify-full", sslmode: "verify-ca" },
  ],
};

describe.each(Object.entries(BY_KIND))("a %s host", (kind, host) => {
  const rows = Object.entries(POLICY).find(([name]) => name === kind)?.[1] ?? {};
  test.each(Object.entries(rows))("with %s: %s without and with a CA", (mode, [withoutCa, withCa]) => {
    const ways = ASKED[mode] ?? [];
    expect(ways).toHaveLength(3);
    for (const asked of ways) {
      expect(outcome({ host, ...asked }), JSON.stringify(asked)).toBe(withoutCa);
      expect(outcome({ host, ...asked, ca: CA }), JSON.stringify(asked)).toBe(withCa);
    }
  });
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
