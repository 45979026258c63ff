import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectionOptions } from "../src/config/connection-options.ts";
import { readSettings } from "../src/config/env.ts";
import { resolveConfig } from "../src/config/options.ts";
import { PoolConfigError } from "../src/errors/errors.ts";
import { makeAuthority } from "./support/certificates.ts";

const DATABASE_URL = "postgres://app:s3cret@localhost:5432/house";

const EXAMPLE = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8");
/** Every variable that the pool reads, as .env.example names them. */
const VARIABLES = [...EXAMPLE.matchAll(/^(?:# )?(DATABASE_(?!PAGE_)[A-Z_]+|DB_(?!ROLE_)[A-Z_]+)=/gm)].map(
  ([, name = ""]) => name,
);

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof PoolConfigError) return error.faults;
    throw error;
  }
  return [];
}

const faults = (env: Record<string, string | undefined>) =>
  faultsOf(() => readSettings({ DATABASE_URL, ...env }));
const options = (env: Record<string, string | undefined>) => readSettings({ DATABASE_URL, ...env }).options;

test("a URL is enough", () => {
  const connection = {
    host: "localhost",
    port: 5432,
    user: "app",
    password: "s3cret",
    database: "house",
    ssl: false,
  };
  expect(readSettings({ DATABASE_URL })).toEqual({
    mode: "pool",
    options: {
      ...connection,
      max: 20,
      min: 2,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 5_000,
      maxWaiting: 200,
      maxLifetimeMs: 1_800_000,
      leakThresholdMs: 0,
      queryTimeoutMs: 30_000,
      slowQueryMs: 200,
      prepare: "auto",
      pooler: "auto",
    },
    ownerUrl: DATABASE_URL,
    owner: connection,
    replicas: [],
    drainMs: 0,
    warnings: [],
  });
});

test("the result is frozen, and the pool accepts its options as they are", () => {
  const settings = readSettings({ DATABASE_URL });
  for (const part of [settings, settings.options, settings.owner, settings.warnings]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
  expect(resolveConfig(settings.options)).toMatchObject(settings.options);
});

describe("numbers", () => {
  const numbers = VARIABLES.filter((name) => faults({ [name]: "x" })[0]?.includes("a whole number"));

  test("reach the option that they are named after", () => {
    const env = {
      DB_POOL_MAX: "11",
      DB_POOL_MIN: "1",
      DB_POOL_IDLE_MS: "103",
      DB_POOL_CONN_TIMEOUT_MS: "104",
      DB_POOL_MAX_WAITING: "105",
      DB_POOL_MAX_LIFETIME_MS: "106",
      DB_POOL_LEAK_MS: "107",
      DB_QUERY_TIMEOUT_MS: "108",
      DB_SLOW_QUERY_MS: "109",
      DB_DRAIN_MS: "110",
    };
    expect(numbers.toSorted()).toEqual(Object.keys(env).sort());
    expect(readSettings({ DATABASE_URL, ...env })).toMatchObject({
      options: {
        max: 11,
        min: 1,
        idleTimeoutMillis: 103,
        connectionTimeoutMillis: 104,
        maxWaiting: 105,
        maxLifetimeMs: 106,
        leakThresholdMs: 107,
        queryTimeoutMs: 108,
        slowQueryMs: 109,
      },
      drainMs: 110,
    });
  });

  test.each(numbers)("%s takes what its fault says, up to both bounds and nothing else", (name) => {
    const rest =
      name === "DB_POOL_MIN" ? { DB_POOL_MAX: "1000" } : name === "DB_POOL_MAX" ? { DB_POOL_MIN: "0" } : {};
    const [, least, most, example] =
      new RegExp(`from (\\d+) to (\\d+), for example ${name}=(\\d+)$`).exec(
        faults({ [name]: "x" })[0] ?? "",
      ) ?? [];
    for (const right of [least, most, example]) expect(faults({ ...rest, [name]: right })).toEqual([]);
    const garbage = [
      "abc",
      "-1",
      "5s",
      "3e9",
      " 5",
      "5 ",
      "1.5",
      "0x10",
      "007",
      "1_000",
      "NaN",
      "Infinity",
      "٣",
    ];
    const beyond = [String(Number(least) - 1), String(Number(most) + 1), "99999999999999999999"];
    for (const wrong of [...garbage, ...beyond]) {
      expect(faults({ ...rest, [name]: wrong }), wrong).toEqual([
        expect.stringContaining(`${name} is "${wrong}"; it must be a whole number `),
      ]);
    }
  });

  test("times say their unit, counts have none", () => {
    expect(faults({ DB_QUERY_TIMEOUT_MS: "30s" })[0]).toContain("a whole number of milliseconds from");
    expect(faults({ DB_POOL_MIN: "x" })[0]).toContain("a whole number from");
  });

  test.each<[Record<string, string>, object]>([
    [{ DB_POOL_MAX: "1" }, { max: 1, min: 1, maxWaiting: 10 }],
    [{ DB_POOL_MAX: "100" }, { max: 100, min: 2, maxWaiting: 1000 }],
    [
      { DB_POOL_MAX: "5", DB_POOL_MIN: "5", DB_POOL_MAX_WAITING: "3" },
      { max: 5, min: 5, maxWaiting: 3 },
    ],
  ])("follow each other: %o gives %o", (env, expected) => {
    expect(options(env)).toMatchObject(expected);
  });

  test.each<[Record<string, string>, string]>([
    [
      { DB_POOL_MIN: "30" },
      "DB_POOL_MIN is 30; it must not exceed DB_POOL_MAX (20, its default), for example DB_POOL_MIN=2",
    ],
    [
      { DB_POOL_MAX: "1", DB_POOL_MIN: "2" },
      "DB_POOL_MIN is 2; it must not exceed DB_POOL_MAX (1), for example DB_POOL_MIN=1",
    ],
    [
      { DB_POOL_MIN: "4", DATABASE_URL: `${DATABASE_URL}?connection_limit=3` },
      "DB_POOL_MIN is 4; it must not exceed DB_POOL_MAX (3, connection_limit in DATABASE_URL), for example DB_POOL_MIN=2",
    ],
  ])("an explicit min above max is refused: %o", (env, fault) => {
    expect(faults(env)).toEqual([fault]);
  });

  test("a pool that sizes itself begins with one above the minimum, and all that follows from its size is the default's", () => {
    const DATABASE_URL_REPLICAS = "postgres://app:s3cret@replica:5432/house";
    const { options, sizesItself, replicas } = readSettings({
      DATABASE_URL,
      DATABASE_URL_REPLICAS,
      DB_POOL_MAX: "auto",
    });
    expect(sizesItself).toBe(true);
    expect(options).toMatchObject({ max: 3, min: 2, maxWaiting: 200 });
    expect(replicas[0]).toMatchObject({ max: 20, min: 2 });
    expect(readSettings({ DATABASE_URL, DB_POOL_MAX: "auto", DB_POOL_MIN: "30" }).options).toMatchObject({
      max: 31,
      min: 30,
    });
    expect(readSettings({ DATABASE_URL, DB_POOL_MAX: "7" }).sizesItself).toBeUndefined();
    expect(faults({ DB_POOL_MAX: "Auto" })[0]).toContain(
      "it must be a whole number (or auto) from 1 to 1000",
    );
  });

  test("min is not held against a max that is itself wrong", () => {
    expect(faults({ DB_POOL_MAX: "abc", DB_POOL_MIN: "30" })).toHaveLength(1);
  });

  test("draining takes five seconds in production", () => {
    expect(readSettings({ DATABASE_URL, NODE_ENV: "production" }).drainMs).toBe(5_000);
    expect(readSettings({ DATABASE_URL, NODE_ENV: "production", DB_DRAIN_MS: "0" }).drainMs).toBe(0);
  });
});

describe("words", () => {
  test("choose between what they name", () => {
    const chosen = {
      DB_USE_SINGLE_CLIENT: "true",
      DB_PREPARE: "off",
      DB_POOLER: "session",
      DATABASE_SSL: "no-verify",
    };
    expect(readSettings({ DATABASE_URL, ...chosen })).toMatchObject({
      mode: "single-client",
      options: { prepare: "off", pooler: "session", ssl: { rejectUnauthorized: false } },
    });
  });

  test.each([
    ["DB_USE_SINGLE_CLIENT", "true or false"],
    ["DB_PREPARE", "auto, on or off"],
    ["DB_POOLER", "auto, none, session or transaction"],
    ["DATABASE_SSL", "true, require, false, disable, no-verify, verify-ca or verify-full"],
  ])("%s takes %s and nothing else", (name, words) => {
    for (const wrong of ["1", "yes", "TRUE", "True", " true", "constructor", "prefer"]) {
      expect(faults({ [name]: wrong })[0]).toContain(
        `${name} is "${wrong}"; it must be ${words}, for example ${name}=`,
      );
    }
  });
});

test.each(VARIABLES)("an empty %s is a fault, not a default", (name) => {
  expect(faults({ [name]: "" })).toEqual([
    expect.stringMatching(new RegExp(`^${name} is empty; remove it or give `)),
  ]);
});

describe("what the URL says about the pool", () => {
  const url = (query: string) => ({ DATABASE_URL: `${DATABASE_URL}?${query}` });
  test.each<[Record<string, string>, object]>([
    [url("connection_limit=1"), { max: 1, min: 1, maxWaiting: 10 }],
    [url("pool_timeout=10"), { connectionTimeoutMillis: 10_000 }],
    [{ ...url("pool_timeout=10"), DB_POOL_CONN_TIMEOUT_MS: "700" }, { connectionTimeoutMillis: 700 }],
    [url("connect_timeout=15&pool_timeout=3"), { connectionTimeoutMillis: 3_000 }],
    [url("pgbouncer=true"), { prepare: "off", pooler: "transaction" }],
    [{ ...url("pgbouncer=true"), DB_POOLER: "session" }, { pooler: "session" }],
    [{ DB_POOLER: "transaction" }, { prepare: "off", pooler: "transaction" }],
    [
      { DB_POOLER: "transaction", DB_PREPARE: "on" },
      { prepare: "on", pooler: "transaction" },
    ],
    [
      url("sslmode=require&channel_binding=require"),
      { enableChannelBinding: true, requireChannelBinding: true },
    ],
    [{ ...url("pgbouncer=true"), DB_PREPARE: "on" }, { prepare: "on" }],
    [
      { DATABASE_URL: "postgres://u:p@aws-0-eu.pooler.supabase.com:6543/db" },
      { prepare: "off", pooler: "transaction" },
    ],
    [{ DATABASE_URL: "postgres://u:p@aws-0-eu.pooler.supabase.com:5432/db" }, { prepare: "auto" }],
    [
      url("application_name=web&statement_timeout=9&options=-c%20a.b%3D1"),
      { application_name: "web", statement_timeout: 9, options: "-c a.b=1" },
    ],
  ])("%o gives %o", (env, expected) => {
    expect(options(env)).toMatchObject(expected);
  });

  test("pg gets its own options and nothing of the URL's other words", () => {
    const env = url(
      "sslmode=disable&uselibpqcompat=true&connection_limit=5&pool_timeout=9&connect_timeout=9&pgbouncer=true",
    );
    const settings = readSettings(env);
    expect(Object.keys(settings.owner).sort()).toEqual([
      "database",
      "host",
      "password",
      "port",
      "ssl",
      "user",
    ]);
    for (const name of [
      "connectionString",
      "sslmode",
      "sslrootcert",
      "connectionLimit",
      "poolTimeoutMs",
      "connectTimeoutMs",
      "pgbouncer",
    ]) {
      expect(settings.options).not.toHaveProperty(name);
    }
  });
});

describe("the owner", () => {
  const OWNER = "postgres://owner:0wnerpw@10.0.0.1/house?sslmode=require";
  test("has a URL of its own", () => {
    const { ownerUrl, owner } = readSettings({ DATABASE_URL, DATABASE_URL_OWNER: OWNER });
    expect(ownerUrl).toBe(OWNER);
    expect(owner).toMatchObject({ host: "10.0.0.1", user: "owner", ssl: { rejectUnauthorized: false } });
  });

  test("its URL's faults name its variable, and are not told twice where it falls back", () => {
    expect(faults({ DATABASE_URL_OWNER: "mysql://owner:0wnerpw@db/house" })).toEqual([
      expect.stringMatching(/^DATABASE_URL_OWNER begins with mysql/),
    ]);
    expect(faults({ DATABASE_URL: undefined })).toEqual([expect.stringMatching(/^DATABASE_URL is not set/)]);
  });
});

test("every fault of every variable comes in one error, without a password", () => {
  const found = faults({
    DATABASE_URL: "postgres://app:s3cret@db.example.com:abc/?ssl=false",
    DATABASE_URL_OWNER: "postgres://owner:s3cret#2@db.example.com/house",
    DATABASE_SSL: "yes",
    DATABASE_SSL_CA: "/nowhere/ca.pem",
    DB_POOL_MAX: "abc",
    DB_POOL_MIN: "-1",
    DB_POOL_IDLE_MS: "",
    DB_DRAIN_MS: "30000",
    DB_PREPARE: "maybe",
    DB_USE_SINGLE_CLIENT: "1",
    DB_QUERY_TIMEOUT_MS: DATABASE_URL,
  });
  expect(found.map((fault) => fault.split(" ")[0])).toEqual([
    "DATABASE_URL",
    "DATABASE_URL",
    "DATABASE_URL",
    "DATABASE_URL_OWNER",
    "DATABASE_SSL",
    "DATABASE_SSL_CA",
    "DB_POOL_MAX",
    "DB_POOL_MIN",
    "DB_POOL_IDLE_MS",
    "DB_QUERY_TIMEOUT_MS",
    "DB_DRAIN_MS",
    "DB_PREPARE",
    "DB_USE_SINGLE_CLIENT",
  ]);
  expect(found.join("\n")).not.toContain("s3cret");
});

test("the pool at DATABASE_URL_DIRECT is small, and its password may be the file's", () => {
  const directUrl = "postgres://app@db.internal:5433/house?sslmode=disable";
  const directory = mkdtempSync(join(tmpdir(), "direct-"));
  const file = join(directory, "password");
  writeFileSync(file, "s3cret");
  try {
    const { direct } = readSettings({
      DATABASE_URL: "postgres://app@localhost:6432/house?pgbouncer=true",
      DATABASE_PASSWORD_FILE: file,
      DATABASE_URL_DIRECT: directUrl,
    });
    expect(direct).toMatchObject({ host: "db.internal", port: 5433, max: 4, min: 0, passwordFile: file });
    expect(direct).toMatchObject({ pooler: "auto", prepare: "auto" });
    expect(readSettings({ DATABASE_URL, DB_POOL_MAX: "3", DATABASE_URL_DIRECT: directUrl }).direct?.max).toBe(
      3,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
  expect(faults({ DATABASE_URL_DIRECT: "mysql://x" })).toEqual([
    expect.stringMatching(/^DATABASE_URL_DIRECT /),
  ]);
});

test("each replica has a pool of its own, and callers wait a second for it", () => {
  const DATABASE_URL_REPLICAS =
    "postgres://app:s3cret@localhost:5433/house, postgres://app:s3cret@localhost:5434/house";
  const { replicas } = readSettings({ DATABASE_URL, DB_POOL_MAX: "7", DATABASE_URL_REPLICAS });
  expect(replicas).toMatchObject([{ port: 5433 }, { port: 5434 }]);
  for (const replica of replicas) expect(replica).toMatchObject({ max: 7, connectionTimeoutMillis: 1_000 });
  const found = faults({
    DATABASE_URL,
    DATABASE_URL_REPLICAS: `${DATABASE_URL_REPLICAS},postgres://app@localhost:5433/house,mysql://s3cret`,
  });
  expect(found).toEqual([
    expect.stringMatching(/^DATABASE_URL_REPLICAS, URL 4, /),
    "DATABASE_URL_REPLICAS names localhost:5433 twice; each replica is named once",
  ]);
  expect(found.join()).not.toContain("s3cret");
  expect(faults({ DATABASE_URL, DATABASE_URL_REPLICAS: "" })).toEqual([
    expect.stringMatching(/^DATABASE_URL_REPLICAS /),
  ]);
});

test("a long value is shortened", () => {
  expect(faults({ DB_POOL_MAX: "9".repeat(500) })[0]?.length).toBeLessThan(200);
});

test.each(["DB_QUERY_TIMEOUT", "DB_SLOW_QUERY", "DB_DRAIN", "DB_PREPARE_MODE", "DB_POOLER_MODE"])(
  "so is %s",
  (name) => {
    const { warnings } = readSettings({ DATABASE_URL, [name]: "5" });
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${name} is not a setting`))]);
  },
);

test("a misspelt DB_POOL_ variable is a warning", () => {
  const { warnings } = readSettings({ DATABASE_URL, DB_POOL_SIZE: "5", DB_POOL_MAX: "5", DB_HOST: "x" });
  expect(warnings).toEqual([expect.stringMatching(/^DB_POOL_SIZE is not a setting.*DB_POOL_MAX, /)]);
});

describe("TLS settings", () => {
  let directory: string;
  let file: string;
  let notes: string;
  let pem: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "openhouse-settings-"));
    file = join(directory, "ca.pem");
    pem = (await makeAuthority("first")).pem + (await makeAuthority("second")).pem;
    writeFileSync(file, pem);
    notes = join(directory, "notes.txt");
    writeFileSync(notes, "s3cret\n");
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const SUPABASE = "postgres://postgres:s3cret@db.abc.supabase.co:5432/postgres";
  const ca = (env: Record<string, string>) => options({ DATABASE_URL: SUPABASE, ...env }).ssl;

  test("the authority is a path, PEM text, or PEM text with \\n, and all of its certificates count", () => {
    const verified = { rejectUnauthorized: true, servername: "db.abc.supabase.co", ca: expect.any(String) };
    const fromPath = ca({ DATABASE_SSL_CA: file });
    expect(fromPath).toEqual(verified);
    expect(fromPath).toMatchObject({ ca: expect.stringMatching(/(BEGIN CERT[\s\S]*){2}/) });
    expect(ca({ DATABASE_SSL_CA: pem })).toEqual(fromPath);
    expect(ca({ DATABASE_SSL_CA: pem.replaceAll("\n", "\\n") })).toEqual(fromPath);
    expect(ca({ DATABASE_URL: `${SUPABASE}?sslrootcert=${encodeURIComponent(file)}` })).toEqual(fromPath);
    expect(ca({ DATABASE_URL: `${SUPABASE}?sslrootcert=system` })).toEqual({
      rejectUnauthorized: true,
      servername: "db.abc.supabase.co",
    });
  });

  test("DATABASE_SSL_CA wins over sslrootcert", () => {
    expect(ca({ DATABASE_URL: `${SUPABASE}?sslrootcert=/nowhere.pem`, DATABASE_SSL_CA: file })).toMatchObject(
      { rejectUnauthorized: true },
    );
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      "unreadable",
      () => ({ DATABASE_SSL_CA: "/nowhere/ca.pem" }),
      /^DATABASE_SSL_CA is "\/nowhere\/ca.pem", a file that cannot be read \(ENOENT\)/,
    ],
    ["a directory", () => ({ DATABASE_SSL_CA: directory }), /^DATABASE_SSL_CA is .*EISDIR/],
    [
      "not a certificate",
      () => ({ DATABASE_SSL_CA: notes }),
      /^DATABASE_SSL_CA: the file .* holds no "-----BEGIN CERTIFICATE-----"/,
    ],
    [
      "a key",
      () => ({ DATABASE_SSL_CA: "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----" }),
      /^DATABASE_SSL_CA: the text holds no/,
    ],
    [
      "damaged",
      () => ({ DATABASE_SSL_CA: pem.replace(/M/, "!") }),
      /^DATABASE_SSL_CA: certificate 1 in the text is damaged/,
    ],
    [
      "in the URL",
      () => ({ DATABASE_URL: `${SUPABASE}?sslrootcert=/nowhere.pem` }),
      /^sslrootcert in DATABASE_URL is "\/nowhere.pem"/,
    ],
    [
      "missing",
      () => ({ DATABASE_URL: SUPABASE, DATABASE_SSL: "verify-full" }),
      /^DATABASE_SSL=verify-full needs the certificate authority of Supabase/,
    ],
    [
      "weaker",
      () => ({ DATABASE_URL: `${SUPABASE}?sslmode=require`, DATABASE_SSL: "false" }),
      /^DATABASE_SSL=false is weaker than sslmode=require in DATABASE_URL/,
    ],
    [
      "unbound",
      () => ({ DATABASE_URL: `${DATABASE_URL}?channel_binding=require` }),
      /channel_binding=require, which needs TLS/,
    ],
    [
      "negotiated for nothing",
      () => ({ DATABASE_URL: `${DATABASE_URL}?sslnegotiation=direct` }),
      /sslnegotiation=direct, which needs TLS, but TLS is off/,
    ],
  ])("an authority or mode that is %s is a fault", (_name, env, fault) => {
    const found = faults(env());
    expect(found).toEqual([expect.stringMatching(fault)]);
    expect(found.join()).not.toContain("s3cret");
  });

  test("a host with an authority of its own is spoken to unverified with one warning a URL", () => {
    const { warnings } = readSettings({ DATABASE_URL: SUPABASE, DATABASE_SSL: "true" });
    expect(warnings).toEqual([
      expect.stringMatching(/^DATABASE_URL: the connection is encrypted.*Supabase.*DATABASE_SSL_CA=/),
    ]);
  });

  test("two roles of one server are warned about once, two servers twice", () => {
    const warnings = (owner: string) =>
      readSettings({ DATABASE_URL: SUPABASE, DATABASE_URL_OWNER: owner }).warnings;
    expect(warnings(SUPABASE.replace("postgres:", "postgresql:"))).toHaveLength(1);
    expect(warnings(SUPABASE.replace("abc", "def"))).toHaveLength(2);
  });

  test("a fault of the TLS settings is not followed by those it would cause", () => {
    const found = faults({
      DATABASE_URL: SUPABASE,
      DATABASE_SSL: "verify-full",
      DATABASE_SSL_CA: "/nowhere.pem",
    });
    expect(found).toEqual([expect.stringMatching(/^DATABASE_SSL_CA is/)]);
  });

  test("connections outside the pool follow the same settings", () => {
    expect(connectionOptions(SUPABASE, { DATABASE_SSL_CA: file })).toEqual(
      readSettings({ DATABASE_URL: SUPABASE, DATABASE_SSL_CA: file }).owner,
    );
    expect(
      faultsOf(() => connectionOptions("mysql://a", { DATABASE_SSL: "yes" }, "TEST_DATABASE_URL")),
    ).toEqual([
      expect.stringMatching(/^TEST_DATABASE_URL begins with mysql/),
      expect.stringMatching(/^DATABASE_SSL is "yes"/),
    ]);
  });
});
