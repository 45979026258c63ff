import { userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { parseDatabaseUrl } from "../src/config/database-url.ts";
import { KNOWN_PARAMETERS } from "../src/config/url-parameters.ts";

const base = { host: "db.example.com", port: 5432, user: "app", password: "s3cret", database: "house" };

const socket = { host: "/var/run/postgresql", port: 5432, database: "house" };

describe("what is accepted", () => {
  test.each<[string, object]>([
    ["postgres://app:s3cret@db.example.com/house", base],
    ["postgresql://app:s3cret@db.example.com:5432/house", base],
    ["POSTGRES://app:s3cret@db.example.com:6543/house", { ...base, port: 6543 }],
    ["postgres://app:s3cret@db.example.com/house?port=1", { ...base, port: 1 }],
    ["postgres://app:s3cret@[2001:db8::1]:5433/house", { ...base, host: "2001:db8::1", port: 5433 }],
    ["postgres://app:s3cret@[fe80::1%25eth0]/house", { ...base, host: "fe80::1%eth0" }],
    ["postgres://app:s3cret@my_db.internal./house", { ...base, host: "my_db.internal." }],
    [
      "postgres://app%40acme:p%23%2F%3F%40%25%20%C3%BC@db.example.com/ho%2Fuse",
      { ...base, user: "app@acme", password: "p#/?@% ü", database: "ho/use" },
    ],
    [
      "postgres://postgres.ref:a:b:c@db.example.com/house",
      { ...base, user: "postgres.ref", password: "a:b:c" },
    ],
    [
      "postgres://app:!$&'()*+,;=[]^|\"<>`~@db.example.com/house",
      { ...base, password: "!$&'()*+,;=[]^|\"<>`~" },
    ],
  ])("the URL %s is taken", (url, expected) => {
    expect(parseDatabaseUrl(url)).toEqual({ url: expected, faults: [] });
  });

  test.each<[string, object]>([
    ["postgres://app:s3cret@/house?host=/var/run/postgresql", { ...socket, user: "app", password: "s3cret" }],
    ["postgres://app@%2fvar%2frun%2fpostgresql:5433/house", { ...socket, user: "app", port: 5433 }],
    [
      "postgres://app@localhost/house?host=/cloudsql/p:eu:i",
      { ...socket, user: "app", host: "/cloudsql/p:eu:i" },
    ],
    [
      "postgres:///house?host=/var/run/postgresql&port=5433",
      { ...socket, user: userInfo().username, port: 5433 },
    ],
    ["postgres://%2Fvar%2Frun%2Fpostgresql/house", { ...socket, user: userInfo().username }],
  ])("the socket %s is taken", (url, expected) => {
    expect(parseDatabaseUrl(url)).toEqual({ url: expected, faults: [] });
  });

  test.each<[string, object]>([
    [
      "sslmode=require&channel_binding=require",
      { sslmode: "require", enableChannelBinding: true, requireChannelBinding: true },
    ],
    ["sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem", { sslmode: "verify-ca", sslrootcert: "/etc/ca.pem" }],
    ["ssl=true", { sslmode: "require" }],
    ["ssl=true&sslmode=verify-full", { sslmode: "verify-full" }],
    ["sslmode=verify-full&ssl=true", { sslmode: "verify-full" }],
    ["uselibpqcompat=true&gssencmode=disable&client_encoding=UTF8&supa=base-pooler.x", {}],
    ["workaround=supabase-pooler.vercel", {}],
    [
      "sslmode=verify-full&sslrootcert=system&sslnegotiation=direct",
      { sslmode: "verify-full", sslrootcert: "system", sslnegotiation: "direct" },
    ],
    ["options=-c%20a.b%3D1%2B1", { options: "-c a.b=1+1" }],
    ["application_name=web%20portal", { application_name: "web portal" }],
    ["options=-c%20search_path%3Dapp", { options: "-c search_path=app" }],
    [
      "connection_limit=5&pool_timeout=10&pgbouncer=true",
      { connectionLimit: 5, poolTimeoutMs: 10_000, pgbouncer: true },
    ],
    [
      "statement_timeout=0&lock_timeout=1&idle_in_transaction_session_timeout=2",
      { statement_timeout: 0, lock_timeout: 1, idle_in_transaction_session_timeout: 2 },
    ],
  ])("the query ?%s is taken", (query, expected) => {
    expect(parseDatabaseUrl(`postgres://app:s3cret@db.example.com/house?${query}`)).toEqual({
      url: { ...base, ...expected },
      faults: [],
    });
  });
});

describe("what is refused, and what the fault says", () => {
  const url = "postgres://app:s3cret@db.example.com/house";
  test.each<[string | undefined, RegExp]>([
    [undefined, /is not set; write postgres:\/\/user:password@host:5432\/database/],
    ["", /is empty; remove it or give postgres:\/\//],
    [`"${url}"`, /quotes/],
    [`${url}"`, /quotes/],
    [` ${url}`, /spaces or line breaks around it/],
    [`psql '${url}`, /command psql/],
    [`DATABASE_URL=${url}`, /begins with a variable's name/],
    ["postgres://postgres:[YOUR-PASSWORD]@db.x.supabase.co/postgres", /placeholder/],
    ["mysql://app:s3cret@db/house", /begins with mysql:\/\/, which is MySQL's/],
    ["prisma://accelerate.prisma-data.net/?api_key=s3cret", /Prisma's own protocol.*direct \(TCP\)/],
    ["app:s3cret@db.example.com/house", /does not begin with postgres:\/\//],
    ["postgres:app:s3cret@db/house", /does not begin with postgres:\/\//],
    ["postgres://app:s3cret#x@db/house", /a raw "#".*percent-encoded.*# -> %23/],
    ["postgres://app:s3cret/x@db/house", /a raw "\/" before an "@".*\/ -> %2F/],
    ["postgres://app:s3cret?x@db/house", /a raw "\?" before an "@".*\? -> %3F/],
    ["postgres://app:s3cret@x@db/house", /a raw second "@".*@ -> %40/],
    ["postgres://app:s3cret@1/x@db/house", /a raw second "@" and a raw "\/"/],
    ["postgres://app:s3cret%@db/house", /a raw "%".*% -> %25/],
    ["postgres://app:s3cret x@db/house", /a raw space.*space -> %20/],
    ["postgres://app:s3cret\u0007@db/house", /control character/],
    ["postgres://app:s3cret%00@db/house", /control character/],
    ["postgres://app:s3cret%E9@db/house", /password whose percent-encoding is not UTF-8/],
    ["postgres://app:s3cret@db/house#top", /a raw "#"/],
    ["postgres://app:s3cret@a,b/house?port=1,2,3", /3 ports for 2 hosts/],
    ["postgres://app:s3cret@::1/house", /IPv6 address without brackets; write \[::1\]/],
    ["postgres://app:s3cret@[nope]/house", /brackets are for IPv6/],
    ["postgres://app:s3cret@[db%25eth0]/house", /brackets are for IPv6/],
    ["postgres://app:s3cret@db!/house", /has "db!" for a host/],
    ["postgres://app:s3cret@/house", /names no host/],
    ["postgres://app:s3cret@db/house?host=other", /names a host twice/],
    ["postgres://app:s3cret@db:5432/house?port=5433", /names a port twice/],
    ["postgres://app:s3cret@db:/house", /"" for a port/],
    ["postgres://app:s3cret@db:65536/house", /"65536" for a port/],
    ["postgres://app:s3cret@db:54a/house", /"54a" for a port/],
    ["postgres://app:s3cret@db/house?port=abc", /port="abc": must be a whole number from 1 to 65535/],
    ["postgres://app:s3cret@db", /names no database/],
    ["postgres://app:s3cret@db/", /names no database/],
    ["postgres://app:s3cret@db/house/x", /raw "\/" in the database name/],
    ["postgres://db/house", /names no user/],
    ["postgres://:s3cret@db/house", /names no user/],
    [`${url}?ssl=false`, /ssl="false": write sslmode=disable/],
    [`${url}?ssl=yes`, /ssl="yes": must be true or 1/],
    [`${url}?ssl=true&sslmode=disable`, /contradict/],
    [`${url}?sslmode=on`, /sslmode="on": must be disable, allow.*verify-full/],
    [`${url}?sslmode=`, /sslmode="": is empty/],
    [`${url}?sslmode=require&sslmode=disable`, /sslmode is given twice/],
    [`${url}?options=-c+search_path%3Dapp`, /raw "\+" in its query.*%20 for a space, %2B for a plus/],
    [`${url}?sslnegotiation=fast`, /sslnegotiation="fast": must be postgres or direct/],
    [`${url}?schema=app`, /options=-c%20search_path/],
    [`${url}?connection_limit=0`, /connection_limit="0": must be a whole number from 1 to 1000/],
    [`${url}?pool_timeout=0`, /pool_timeout="0": must be a whole number of seconds from 1/],
    [`${url}?statement_timeout=5s`, /whole number of milliseconds/],
    [`${url}?constructor=1`, /"constructor" is not known/],
    [`${url}?__proto__=1`, /"__proto__" is not known/],
  ])("%s is refused, and no password shown", (wrong, fault) => {
    const { url: parsed, faults } = parseDatabaseUrl(wrong, "OWNER_URL");
    expect(parsed).toBeUndefined();
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
    expect(faults[0]).toMatch(/^OWNER_URL /);
    expect(faults[0]).not.toContain("s3cret");
  });

  test("an unknown parameter is answered with all that are known", () => {
    const { faults } = parseDatabaseUrl(`${url}?sslmod=require`);
    for (const name of KNOWN_PARAMETERS) expect(faults[0]).toContain(name);
  });

  test("every fault of one URL is told at once", () => {
    const { faults } = parseDatabaseUrl("postgres://:pw@ho!st:99999/?sslmode=on&nonsense=1");
    expect(
      faults.map((fault) => /sslmode|nonsense|host;|port;|no user|no database/.exec(fault)?.[0]),
    ).toEqual(["sslmode", "nonsense", "host;", "port;", "no user", "no database"]);
  });
});

test("no piece of a password reaches a fault, wherever raw characters cut it", () => {
  const words = ["Alfa77", "Bravo88", "Charlie99"];
  const separators = [
    "#",
    "/",
    "?",
    "@",
    "%",
    " ",
    ":",
    "&",
    "=",
    ",",
    "[",
    "]",
    "'",
    '"',
    "\\",
    "://",
    "\n",
  ];
  for (const first of separators) {
    for (const second of separators) {
      const password = `${words[0]}${first}${words[1]}${second}${words[2]}`;
      for (const wrong of [
        `postgres://app:${password}@db.example.com:abc/house?nonsense=1`,
        `postgres://app:${password}@db.example.com/`,
        // Where the host is forgotten, an @ in the password makes a URL that cannot be told from a right one.
        ...(password.includes("@") ? [] : [`postgres://app:${password}`, `postgres://app:${password}/house`]),
        `app:${password}@db.example.com/house`,
        `"postgres://app:${password}@db.example.com/house"`,
      ]) {
        const { faults } = parseDatabaseUrl(wrong);
        expect(faults.length, wrong).toBeGreaterThan(0);
        for (const word of words) expect(faults.join("\n"), wrong).not.toContain(word);
      }
    }
  }
});
