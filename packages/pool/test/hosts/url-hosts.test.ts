import { describe, expect, test } from "vitest";
import { readConnection } from "../../src/config/connection-options.ts";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";
import { resolveConfig } from "../../src/config/options.ts";

/** Host and port pairs, as libpq would try them. */
function addressesOf(url: string): string | readonly string[] {
  const { url: parsed, faults } = parseDatabaseUrl(url);
  if (parsed === undefined) return faults.join("; ");
  return (parsed.hosts ?? [parsed]).map(({ host, port }) => `${host} ${port}`);
}

describe("hosts of a URL are read as libpq reads them", () => {
  test.each<[string, readonly string[]]>([
    ["postgres://u:p@a/d", ["a 5432"]],
    ["postgres://u:p@a,b/d", ["a 5432", "b 5432"]],
    ["postgres://u:p@a:1,b:2/d", ["a 1", "b 2"]],
    ["postgres://u:p@a,b:2/d", ["a 5432", "b 2"]],
    ["postgres://u:p@a,b,c/d?port=1", ["a 1", "b 1", "c 1"]],
    ["postgres://u:p@a,b,c/d?port=1,,3", ["a 1", "b 5432", "c 3"]],
    ["postgres://u:p@/d?host=a,b&port=1,2", ["a 1", "b 2"]],
    ["postgres://u:p@/d?host=a,b&port=1", ["a 1", "b 1"]],
    ["postgres://u:p@[::1]:1,[fe80::1%25eth0]:2,127.0.0.1/d", ["::1 1", "fe80::1%eth0 2", "127.0.0.1 5432"]],
    ["postgres://u:p@/d?host=::1,/run/postgresql", ["::1 5432", "/run/postgresql 5432"]],
    ["postgres://u:p@%2Frun%2Fone,b/d", ["/run/one 5432", "b 5432"]],
    ["postgres://u:p@localhost:6/d?host=/run/postgresql", ["/run/postgresql 6"]],
  ])("%s", (url, expected) => {
    expect(addressesOf(url)).toEqual(expected);
  });

  test.each<[string, RegExp]>([
    ["postgres://u:p@a,b/d?port=1,2,3", /names 3 ports for 2 hosts; give one port, or one for each/],
    ["postgres://u:p@a/d?port=1,2", /names 2 ports for 1 host/],
    ["postgres://u:p@a:1,b/d?port=2", /names a port twice/],
    ["postgres://u:p@a,,b/d", /names no host between two commas/],
    ["postgres://u:p@a,b/d?host=c,e", /names a host twice/],
    ["postgres://u:p@a,b!/d", /has "b!" for a host/],
    ["postgres://u:p@a:0,b/d", /has "0" for a port/],
    ["postgres://u:p@a,::1/d", /IPv6 address without brackets; write \[::1\]/],
    [
      "postgres://u:p@a,b/d?port=1,x",
      /port="1,x": must be a whole number from 1 to 65535, or one for each host/,
    ],
    ["postgres://u:p@a,b/d?target_session_attrs=master", /must be any, read-write,.* prefer-standby/],
    ["postgres://u:p@a,b/d?load_balance_hosts=true", /must be disable or random/],
  ])("%s is refused", (url, fault) => {
    expect(addressesOf(url)).toMatch(fault);
  });
});

describe("the options of a URL with several hosts", () => {
  const read = (url: string, databaseSsl?: "require") => readConnection(url, "DATABASE_URL", { databaseSsl });

  test("decide about TLS for each host", () => {
    const { options } = read("postgres://u:p@127.0.0.1:1,db.example.com:2/d?target_session_attrs=primary");
    expect(options).toMatchObject({
      host: "127.0.0.1",
      port: 1,
      ssl: false,
      targetSessionAttrs: "primary",
      loadBalanceHosts: "disable",
      hosts: [
        { host: "127.0.0.1", port: 1, ssl: false },
        { host: "db.example.com", port: 2, ssl: { rejectUnauthorized: true, servername: "db.example.com" } },
      ],
    });
  });

  test("tell a fault and a warning of several hosts once", () => {
    expect(read("postgres://u:p@a,b/d?sslmode=verify-ca").faults).toHaveLength(1);
    const warned = read("postgres://u:p@a.rlwy.net,b.rlwy.net/d");
    expect(warned.warnings).toHaveLength(1);
    expect(read("postgres://u:p@127.0.0.1,db.example.com/d?channel_binding=require").faults).toEqual([
      expect.stringMatching(/needs TLS, but TLS is off because the host is this machine/),
    ]);
  });

  test("name hosts where there are several or the one must have a role, and else do not", () => {
    expect(read("postgres://u:p@a/d").options).not.toHaveProperty("hosts");
    expect(read("postgres://u:p@a/d?target_session_attrs=any").options).not.toHaveProperty("hosts");
    expect(read("postgres://u:p@a/d?target_session_attrs=primary").options?.hosts).toHaveLength(1);
  });

  test("are what code gives as hosts, which is checked", () => {
    const hosts = [{ host: "a", port: 1 }];
    expect(resolveConfig({ hosts, targetSessionAttrs: "standby", loadBalanceHosts: "random" })).toMatchObject(
      {
        hosts,
      },
    );
    const wrong = { hosts: [{ host: "", port: 0 }], targetSessionAttrs: "master", loadBalanceHosts: "on" };
    expect(() => resolveConfig(wrong as object)).toThrow(
      /each needs a host[\s\S]*port must be a whole number[\s\S]*targetSessionAttrs must be any[\s\S]*loadBalanceHosts must be/,
    );
    expect(() => resolveConfig({ hosts: [] })).toThrow(/at least one host/);
  });
});
