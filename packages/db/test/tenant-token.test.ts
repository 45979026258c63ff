import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readSigning } from "../src/signing-settings.ts";
import { TenantTokens } from "../src/tenant-token.ts";

const KEY = "a key of at least thirty-two characters";
const local = { host: "127.0.0.1", password: "of the app" };

describe("tokens", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const MINUTE = 60_000;
  const expiryOf = (token: string) => Number(token.split(".")[2]) * 1000;

  test("are kept for tenant and connection, and made anew five minutes before they expire", () => {
    const tokens = new TenantTokens({ signingKey: KEY });
    const first = tokens.tokenFor("t", 1);
    expect(expiryOf(first)).toBe(Date.now() + 15 * MINUTE);
    vi.advanceTimersByTime(10 * MINUTE - 1);
    expect(tokens.tokenFor("t", 1)).toBe(first);
    expect(tokens.tokenFor("t", 2)).not.toBe(first);
    expect(tokens.tokenFor("u", 1)).not.toBe(first);
    vi.advanceTimersByTime(1);
    const second = tokens.tokenFor("t", 1);
    expect(expiryOf(second)).toBe(Date.now() + 15 * MINUTE);
    expect(tokens.tokenFor("t", 1)).toBe(second);
  });

  test("for any connection are one, and made anew half a minute before they expire", () => {
    const tokens = new TenantTokens({ signingKey: KEY, tokenBinding: "none" });
    const first = tokens.tokenFor("t", 1);
    expect(first).toMatch(/^t\.\*\./);
    expect(expiryOf(first)).toBe(Date.now() + MINUTE);
    vi.advanceTimersByTime(MINUTE / 2 - 1);
    expect(tokens.tokenFor("t", 2)).toBe(first);
    vi.advanceTimersByTime(1);
    expect(tokens.tokenFor("t", 2)).not.toBe(first);
  });

  test("are forgotten from the oldest on where there are very many", () => {
    const tokens = new TenantTokens({ signingKey: KEY });
    const first = tokens.tokenFor("first", 1);
    const last = Array.from({ length: 10_000 }, (_, index) => tokens.tokenFor(`t${index}`, 1)).at(-1);
    vi.advanceTimersByTime(MINUTE);
    expect(tokens.tokenFor("t9999", 1)).toBe(last);
    expect(tokens.tokenFor("first", 1)).not.toBe(first);
  });
});

describe("the settings", () => {
  const faultsOf = (env: Record<string, string>, app?: Parameters<typeof readSigning>[1]) =>
    readSigning(env, app).faults;
  const isFault = (pattern: RegExp) => [expect.stringMatching(pattern)];

  test("the key is taken as it is, and must be long", () => {
    expect(readSigning({ TENANT_SIGNING_KEY: KEY, NODE_ENV: "production" }, local)).toEqual({
      signing: { signingKey: KEY, tokenBinding: "backend" },
      faults: [],
    });
    const short = faultsOf({ TENANT_SIGNING_KEY: "hunter2" }, local);
    expect(short).toEqual(
      isFault(/^TENANT_SIGNING_KEY has 7 characters; it must have at least 32.*openssl rand/),
    );
    expect(short.join()).not.toContain("hunter2");
  });

  test("production takes none that is easily guessed", () => {
    const weak = { TENANT_SIGNING_KEY: "k".repeat(64) };
    expect(faultsOf(weak, local)).toEqual([]);
    expect(faultsOf({ ...weak, NODE_ENV: "production" }, local)).toEqual(
      isFault(/^TENANT_SIGNING_KEY has only 1 different bytes.*openssl rand/),
    );
  });

  test("without one production does not start, nor does anything on a server elsewhere", () => {
    const missing = isFault(/^TENANT_SIGNING_KEY is not set.*openssl rand/);
    expect(faultsOf({ NODE_ENV: "production" }, local)).toEqual(missing);
    expect(faultsOf({ NODE_ENV: "production", TENANT_SIGNING_KEY: "" }, local)).toEqual(missing);
    expect(faultsOf({ NODE_ENV: "production" })).toEqual(missing);
    expect(faultsOf({}, { host: "db.example.com", password: "of the app" })).toEqual(missing);
    const second = { host: "db.example.com", port: 5432 };
    expect(faultsOf({}, { ...local, hosts: [{ ...local, port: 5432 }, second] })).toEqual(missing);
    expect(faultsOf({}, { host: "127.0.0.1.example.com", password: "of the app" })).toEqual(missing);
    expect(faultsOf({}, { host: "/run/postgresql" })).toEqual(missing);
    expect(faultsOf({})).toEqual([]); // DATABASE_URL has a fault of its own
  });

  test("in development the password of a server on this machine stands in for it, the same for every process", () => {
    const keyOf = (app: { host: string; password: string }) => readSigning({}, app).signing?.signingKey;
    for (const host of ["127.0.0.1", "localhost", "::1", "/run/postgresql"])
      expect(keyOf({ ...local, host })).toBe(keyOf(local));
    expect(keyOf(local)).not.toContain(local.password);
    expect(keyOf({ ...local, password: "another" })).not.toBe(keyOf(local));
  });

  test("what a token is bound to is one of two", () => {
    const env = { TENANT_SIGNING_KEY: KEY };
    expect(readSigning({ ...env, TENANT_TOKEN_BINDING: "none" }, local).signing?.tokenBinding).toBe("none");
    const wrong = faultsOf({ ...env, TENANT_TOKEN_BINDING: "pid" }, local);
    expect(wrong).toEqual(isFault(/^TENANT_TOKEN_BINDING must be backend or none/));
  });
});
