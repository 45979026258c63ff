import { createHash } from "node:crypto";
import type { EventEmitter } from "node:events";
import { parseOptions } from "@node-rs/argon2";
import { getDatabaseResources } from "@openhouse/db/client";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { newDevice } from "../src/known-device.ts";
import { refusals } from "../src/refusals.ts";
import { checkStaffCredentials, NOBODYS_HASH } from "../src/staff-credentials.ts";
import { AMELIA, asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

const hashing = vi.hoisted(() => ({ running: 0, most: 0 }));
/** Lengths of the passwords that were hashed. The hashing is real: only the calls are noted. */
const hashed = vi.hoisted((): number[] => []);
vi.mock("@node-rs/argon2", async (importOriginal) => {
  const argon2 = await importOriginal<typeof import("@node-rs/argon2")>();
  const verify: typeof argon2.verify = (hash, password, ...rest) => {
    hashed.push(password.length);
    hashing.most = Math.max(hashing.most, ++hashing.running);
    return argon2.verify(hash, password, ...rest).finally(() => void hashing.running--);
  };
  return { ...argon2, verify };
});

/** What an attempt was made to wait, in milliseconds, instead of waiting it. */
const slept = vi.hoisted((): number[] => []);
vi.mock("node:timers/promises", async (importOriginal) => ({
  ...(await importOriginal<typeof import("node:timers/promises")>()),
  setTimeout: async (ms: number) => void slept.push(ms),
}));

const EMAIL = "amelia@harbourvale.example";
const PASSWORD = "harbour-demo-1";
const DISABLED = "tomasz@harbourvale.example";
const HUGE = "x".repeat(1_000_000);
/** So long that hashing it would show. */
const ENDLESS = "x".repeat(60_000_000);
const address = "203.0.113.9";
const wrong = { outcome: "wrong" };

const database = tenantDatabase();

beforeEach(async () => {
  await database.asSuperuser("delete from rate_limits");
  refusals.clear();
  for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

const attempt = (email: string, password: string, from = address, device?: string) =>
  checkStaffCredentials({ email, password, address: from, device });

test("the right password lets in, however the address is written", async () => {
  const verified = { outcome: "verified", tenantId: HARBOUR, staffId: AMELIA };
  expect(await attempt(EMAIL, PASSWORD)).toEqual(verified);
  expect(await attempt(` ${EMAIL.toUpperCase()} `, PASSWORD)).toEqual(verified);
});

describe("the answer is the same", () => {
  const cases: [string, string, string][] = [
    ["a wrong password", EMAIL, "harbour-demo-2"],
    ["an empty password", EMAIL, ""],
    ["a password of a megabyte", EMAIL, HUGE],
    ["an account that does not exist", "nobody@example.com", PASSWORD],
    ["no address at all", "", PASSWORD],
    ["an address that Postgres would refuse", "amelia\0@harbourvale.example", PASSWORD],
    ["an address of a megabyte", HUGE, PASSWORD],
    ["another company's account", "nobody@northgate.example", PASSWORD],
  ];
  test.for(cases)("for %s", async ([, email, password]) => {
    expect(await attempt(email, password)).toEqual(wrong);
  });

  test("for a disabled account, with the right password", async () => {
    await database.asSuperuser("update staff set disabled_at = now() where email = $1", [DISABLED]);
    expect(await attempt(DISABLED, "harbour-demo-2")).toEqual(wrong);
    await database.asSuperuser("update staff set disabled_at = null where email = $1", [DISABLED]);
  });
});

describe("the work is the same for an unknown account and a huge password as for a wrong password", () => {
  const ways: [string, string][] = [
    [EMAIL, "wrong"],
    ["nobody@example.com", "wrong"],
    [EMAIL, ENDLESS],
  ];

  test("in statements", async () => {
    let checkouts = 0;
    const count = () => checkouts++;
    const pool: EventEmitter = getDatabaseResources().pool;
    pool.on("acquire", count);
    const counted: number[] = [];
    for (const [email, password] of ways) {
      checkouts = 0;
      await attempt(email, password);
      counted.push(checkouts);
    }
    pool.off("acquire", count);
    expect(counted[0]).toBeGreaterThan(0);
    expect(counted).toEqual([counted[0], counted[0], counted[0]]);
  });

  test("in hashing: once each, of no more than a password's length", async () => {
    for (const [email, password] of ways) {
      hashed.length = 0;
      await attempt(email, password);
      expect(hashed).toHaveLength(1);
      expect(hashed[0]).toBeLessThanOrEqual(1024);
    }
  });

  test("in the hash's parameters", async () => {
    const rows = await asTenant(HARBOUR, "select password_hash from staff");
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      expect(row).toMatchObject({ password_hash: expect.stringContaining("$argon2id$") });
      const { password_hash: hash } = Object(row);
      expect(parseOptions(NOBODYS_HASH)).toEqual(parseOptions(hash));
    }
  });
});

describe("attempts are limited", () => {
  test("to five an account from one address, right ones included from then on", async () => {
    for (let count = 0; count < 5; count++) expect(await attempt(EMAIL, "wrong")).toEqual(wrong);
    const limited = await attempt(EMAIL, PASSWORD);
    expect(limited).toEqual({ outcome: "limited", retryAfterSeconds: expect.any(Number) });
    const { retryAfterSeconds } = Object(limited);
    expect(retryAfterSeconds).toBeGreaterThan(880);
    expect(retryAfterSeconds).toBeLessThanOrEqual(900);
    expect(await attempt(EMAIL.toUpperCase(), PASSWORD)).toMatchObject({ outcome: "limited" });
    expect(await attempt("nora@example.com", PASSWORD)).toEqual(wrong);
  });

  test("also when they arrive together", async () => {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => attempt(EMAIL, "wrong")));
    expect(outcomes.filter(({ outcome }) => outcome === "wrong")).toHaveLength(5);
    expect(outcomes.filter(({ outcome }) => outcome === "limited")).toHaveLength(7);
  });

  test("anew after a right one", async () => {
    for (let count = 0; count < 4; count++) await attempt(EMAIL, "wrong");
    expect(await attempt(EMAIL, PASSWORD)).toMatchObject({ outcome: "verified" });
    for (let count = 0; count < 5; count++) expect(await attempt(EMAIL, "wrong")).toEqual(wrong);
  });

  test("to thirty wrong ones an address, whose further ones use up no account's", async () => {
    for (let count = 0; count < 30; count++) await attempt(`someone-${count}@example.com`, "wrong");
    expect(await attempt(EMAIL, PASSWORD)).toMatchObject({ outcome: "limited" });
    for (let count = 0; count < 6; count++) await attempt(EMAIL, "wrong");
    expect(await attempt(EMAIL, PASSWORD, "198.51.100.1")).toMatchObject({ outcome: "verified" });
  });

  test("without counting right ones against the address", async () => {
    for (let count = 0; count < 32; count++) {
      expect(await attempt(EMAIL, PASSWORD)).toMatchObject({ outcome: "verified" });
    }
  }, 60_000);

  test("even where only the counting is out of order: nobody guesses uncounted", async () => {
    const change = "execute on function attempts_count(text, integer)";
    await database.asOwner(`revoke ${change} from openhouse_test_app`);
    await expect(attempt(EMAIL, "a guess")).rejects.toThrow("attempts_count");
    await database.asOwner(`grant ${change} to openhouse_test_app`);
    expect(await attempt(EMAIL, PASSWORD)).toMatchObject({ outcome: "verified" });
  });

  test("under keys that tell neither address nor account", async () => {
    await attempt(EMAIL, "wrong");
    const rows = await database.asSuperuser("select * from rate_limits");
    const stored = JSON.stringify(rows);
    expect(rows).toHaveLength(3);
    for (const value of [EMAIL, address]) {
      expect(stored).not.toContain(value);
      expect(stored).not.toContain(createHash("sha256").update(value).digest("hex"));
    }
  });
});

describe("an account's owner gets in", () => {
  const guessFrom = async (from: string, device?: string) => {
    for (let count = 0; count < 6; count++) await attempt(EMAIL, `guess ${count}`, from, device);
  };

  test("from elsewhere, whatever was guessed at another address", async () => {
    await guessFrom(address);
    expect(await attempt(EMAIL, PASSWORD)).toMatchObject({ outcome: "limited" });
    expect(await attempt(EMAIL, PASSWORD, "198.51.100.1")).toMatchObject({ outcome: "verified" });
  });

  test("from a browser of theirs, also where somebody else has guessed behind the same address", async () => {
    await guessFrom(address);
    const device = newDevice(EMAIL);
    expect(await attempt(EMAIL, PASSWORD, address, device)).toMatchObject({ outcome: "verified" });
    for (let count = 0; count < 30; count++) await attempt(`someone-${count}@example.com`, "wrong");
    expect(await attempt(EMAIL, PASSWORD, address, device)).toMatchObject({ outcome: "verified" });
  });

  test("but nobody with a browser of another account, or with one that they made up", async () => {
    await guessFrom(address);
    const others = newDevice(DISABLED);
    const forged = newDevice(EMAIL).replace(/.{43}$/, "A".repeat(43));
    for (const device of [others, forged, "", "x"])
      expect(await attempt(EMAIL, PASSWORD, address, device)).toMatchObject({ outcome: "limited" });
  });

  test("and a browser of theirs that others have has ten guesses, and then those of an unknown one", async () => {
    const device = newDevice(EMAIL);
    for (let count = 0; count < 15; count++)
      expect(await attempt(EMAIL, "wrong", address, device)).toEqual(wrong);
    expect(await attempt(EMAIL, PASSWORD, address, device)).toMatchObject({ outcome: "limited" });
  });
});

test("guesses of one account from everywhere wait, longer and longer, known or not; its owner's browser does not", async () => {
  slept.length = 0;
  for (const email of [EMAIL, "nobody@example.com"]) {
    await database.asSuperuser("delete from rate_limits");
    for (let place = 0; place < 25; place++) await attempt(email, "wrong", `203.0.113.${place}`);
  }
  const waits = [...Array(5).fill(500), ...Array(5).fill(1_000), ...Array(5).fill(2_000)];
  expect(slept).toEqual([...waits, ...waits]);
  slept.length = 0;
  expect(await attempt(EMAIL, PASSWORD, "198.51.100.1", newDevice(EMAIL))).toMatchObject({
    outcome: "verified",
  });
  expect(slept).toEqual([]);
});

test("two passwords are hashed at once, twenty wait, and the rest is turned away without a guess", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, place) =>
      attempt(EMAIL, "wrong", `198.51.100.${place}`, newDevice(EMAIL)),
    ),
  );
  expect(hashing.most).toBe(2);
  const busy = outcomes.filter(({ outcome }) => outcome === "busy");
  expect(busy.length).toBeGreaterThan(0);
  expect(busy[0]).toEqual({ outcome: "busy", retryAfterSeconds: 5 });
  expect(outcomes.filter(({ outcome }) => outcome === "wrong").length).toBeGreaterThanOrEqual(22);
  expect(await attempt(EMAIL, PASSWORD, "192.0.2.1")).toMatchObject({ outcome: "verified" });
});

test("who is over an allowance is refused before the first statement, but for one look a second", async () => {
  for (let count = 0; count < 6; count++) await attempt(EMAIL, "wrong");
  let checkouts = 0;
  const count = () => checkouts++;
  const pool: EventEmitter = getDatabaseResources().pool;
  pool.on("acquire", count);
  const startedAtMs = performance.now();
  const flood = await Promise.all(Array.from({ length: 500 }, () => attempt(EMAIL, PASSWORD)));
  const seconds = Math.ceil((performance.now() - startedAtMs) / 1_000);
  pool.off("acquire", count);
  expect(new Set(flood.map(({ outcome }) => outcome))).toEqual(new Set(["limited"]));
  expect(checkouts).toBeLessThanOrEqual(2 * seconds);
});
