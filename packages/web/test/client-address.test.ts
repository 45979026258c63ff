import { afterEach, describe, expect, test, vi } from "vitest";
import { chooseAddress, trustedProxies, trustProxyFaults } from "../src/client-address.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the address that attempts are counted for", () => {
  test("is the socket's, whatever the client claims to be forwarded from", () => {
    const seen = { peer: "203.0.113.9", forwardedFor: "198.51.100.1", proxies: 0 };
    expect(chooseAddress(seen)).toBe("203.0.113.9");
  });

  test("is what the trusted proxy appended, not what the client put in front of it", () => {
    const seen = { peer: "10.0.0.1", forwardedFor: "1.1.1.1, 198.51.100.1", proxies: 1 };
    expect(chooseAddress(seen)).toBe("198.51.100.1");
    expect(chooseAddress({ ...seen, forwardedFor: "1.1.1.1, 198.51.100.1, 10.0.0.2", proxies: 2 })).toBe(
      "198.51.100.1",
    );
  });

  test("is the proxy's own where it forwarded nothing", () => {
    expect(chooseAddress({ peer: "10.0.0.1", forwardedFor: null, proxies: 1 })).toBe("10.0.0.1");
    expect(chooseAddress({ peer: "10.0.0.1", forwardedFor: "198.51.100.1", proxies: 2 })).toBe("10.0.0.1");
  });

  test("is one for everybody where there is no socket to look at", () => {
    expect(chooseAddress({ peer: undefined, forwardedFor: "198.51.100.1", proxies: 0 })).toBe("unknown");
  });

  test("is one for a whole IPv6 network, however it is written", () => {
    const of = (peer: string) => chooseAddress({ peer, forwardedFor: null, proxies: 0 });
    expect(of("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(of("2001:0DB8:0001:0002::1")).toBe("2001:db8:1:2::/64");
    expect(of("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
    expect(of("::1")).toBe("0:0:0:0::/64");
    expect(of("2001:db8:1:3::1")).not.toBe(of("2001:db8:1:2::1"));
  });

  test("is the IPv4 address where IPv6 wraps it, in whichever spelling", () => {
    const of = (peer: string) => chooseAddress({ peer, forwardedFor: null, proxies: 0 });
    for (const wrapped of ["::ffff:203.0.113.9", "::ffff:cb00:7109", "0:0:0:0:0:FFFF:CB00:7109"])
      expect(of(wrapped)).toBe("203.0.113.9");
    expect(of("::ffff:cb00:710a")).toBe("203.0.113.10");
    expect(of("::203.0.113.9")).toBe("0:0:0:0::/64");
  });

  test("has no port, which is another for each connection", () => {
    const of = (forwardedFor: string) => chooseAddress({ peer: "10.0.0.1", forwardedFor, proxies: 1 });
    expect([of("203.0.113.9:1111"), of("198.51.100.1, 203.0.113.9:2222")]).toEqual([
      "203.0.113.9",
      "203.0.113.9",
    ]);
    for (const written of ["[2001:db8::1]:443", "[2001:db8::1]:444", "[2001:db8::1]", "2001:db8::2"])
      expect(of(written)).toBe("2001:db8:0:0::/64");
    expect(of("[::ffff:203.0.113.9]:80")).toBe("203.0.113.9");
  });

  test.for([
    "unknown",
    "_hidden",
    "",
    " ",
    "203.0.113",
    "203.0.113.999",
    "[",
    "[]:80",
    "localhost",
    "a:b",
    "%",
    "x".repeat(9_000),
  ])("is the proxy's where what it wrote is no address: %j", (forwardedFor) => {
    expect(chooseAddress({ peer: "10.0.0.1", forwardedFor, proxies: 1 })).toBe("10.0.0.1");
  });
});

test("TRUST_PROXY counts proxies; only what is clearly meant trusts any", () => {
  const read = (text: string) => {
    vi.stubEnv("TRUST_PROXY", text);
    return trustedProxies();
  };
  expect(["true", "1", "2", "false", "0", "", "yes", "-1", "1.5"].map(read)).toEqual([
    1, 1, 2, 0, 0, 0, 0, 0, 0,
  ]);
});

test("a portal does not start with a TRUST_PROXY that it would have to guess at", () => {
  for (const text of ["true", "1", "2", "false", "0", ""]) expect(trustProxyFaults(text)).toEqual([]);
  for (const text of ["yes", "-1", "1.5", "TRUE", "100"])
    expect(trustProxyFaults(text)).toEqual([expect.stringContaining(`TRUST_PROXY is "${text}"; it must be`)]);
});
