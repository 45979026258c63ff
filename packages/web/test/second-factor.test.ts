import { Secret, TOTP } from "otpauth";
import { beforeEach, expect, test } from "vitest";
import {
  beginFactor,
  checkFactor as checkFactorAt,
  confirmFactor as confirmFactorAt,
  type FactorOwner,
  findFactor,
  hasFactor,
  renewRecoveryCodes,
  turnFactorOff,
} from "../src/second-factor.ts";
import { AMELIA, asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

const database = tenantDatabase();
const owner = { tenantId: HARBOUR, staffId: AMELIA };
const verified = { outcome: "verified", ...owner } as const;
const EMAIL = "amelia@harbourvale.example";
const START = Date.UTC(2026, 10, 29, 12, 0, 10);
/** Not the process's clock, which tokens of the tenant are signed by. */
let nowMs = START;

const checkFactor = (whose: FactorOwner, code: string) => checkFactorAt(whose, code, nowMs);
const confirmFactor = (whose: FactorOwner, code: string) => confirmFactorAt(whose, code, nowMs);

beforeEach(async () => {
  nowMs = START;
  await database.asSuperuser("delete from second_factors; delete from rate_limits");
});

/** What an app shows that has scanned the picture, `later` seconds from now. */
async function appFor(state: Awaited<ReturnType<typeof findFactor>>) {
  if (state.state !== "pending") throw new Error(`it is ${state.state}`);
  const app = new TOTP({ secret: Secret.fromBase32(state.secret) });
  return (laterSeconds = 0) => app.generate({ timestamp: nowMs + laterSeconds * 1000 });
}

async function turnedOn() {
  await beginFactor(verified);
  const app = await appFor(await findFactor(owner, EMAIL));
  const confirmed = await confirmFactor(owner, app());
  if (confirmed.outcome !== "on") throw new Error(confirmed.outcome);
  nowMs = START + 60_000;
  return { app, recoveryCodes: confirmed.recoveryCodes };
}

test("nobody is asked for a code until they have shown that their app knows the secret", async () => {
  expect(await findFactor(owner, EMAIL)).toEqual({ state: "off" });
  await beginFactor(verified);
  const begun = await findFactor(owner, EMAIL);
  expect(begun).toEqual({
    state: "pending",
    secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
    uri: expect.stringMatching(
      /^otpauth:\/\/totp\/OpenHouse:amelia%40harbourvale\.example\?issuer=OpenHouse&secret=/,
    ),
  });
  expect(await hasFactor(owner)).toBe(false);
  expect(await confirmFactor(owner, "000000")).toEqual({ outcome: "wrong" });
  expect(await confirmFactor(owner, (await appFor(begun))())).toMatchObject({ outcome: "on" });
  expect(await hasFactor(owner)).toBe(true);
  expect(await findFactor(owner, EMAIL)).toEqual({ state: "on", recoveryCodesLeft: 10 });
});

test("a code is good once, and for half a minute around its own", async () => {
  const { app } = await turnedOn();
  const code = app();
  expect(await checkFactor(owner, `${code.slice(0, 3)} ${code.slice(3)}`)).toEqual({ outcome: "accepted" });
  expect(await checkFactor(owner, code)).toEqual({ outcome: "wrong" });
  expect(await checkFactor(owner, app(-30))).toEqual({ outcome: "wrong" }); // older than one that was taken
  expect(await checkFactor(owner, app(60))).toEqual({ outcome: "wrong" });
  expect(await checkFactor(owner, app(30))).toEqual({ outcome: "accepted" });
});

test("the code that turned it on signs nobody in", async () => {
  await beginFactor(verified);
  const code = (await appFor(await findFactor(owner, EMAIL)))();
  await confirmFactor(owner, code);
  expect(await checkFactor(owner, code)).toEqual({ outcome: "wrong" });
});

test("of several who send the same code at once, one gets in", async () => {
  const { app } = await turnedOn();
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => checkFactor(owner, app())));
  expect(outcomes.filter(({ outcome }) => outcome === "accepted")).toHaveLength(1);
});

test("a recovery code is good once, as it is typed", async () => {
  const { recoveryCodes } = await turnedOn();
  const [first = "", second = ""] = recoveryCodes;
  expect(first).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
  expect(await checkFactor(owner, first.toLowerCase().replaceAll("-", " "))).toEqual({ outcome: "accepted" });
  expect(await checkFactor(owner, first)).toEqual({ outcome: "wrong" });
  expect(await findFactor(owner, EMAIL)).toEqual({ state: "on", recoveryCodesLeft: 9 });
  const renewed = await renewRecoveryCodes(owner);
  expect(await checkFactor(owner, second)).toEqual({ outcome: "wrong" });
  expect(await checkFactor(owner, renewed[0] ?? "")).toEqual({ outcome: "accepted" });
});

test("after five wrong codes no other is looked at, a right one neither", async () => {
  const { app, recoveryCodes } = await turnedOn();
  for (let count = 0; count < 5; count++)
    expect(await checkFactor(owner, "000000")).toEqual({ outcome: "wrong" });
  const limited = { outcome: "limited", retryAfterSeconds: expect.any(Number) };
  expect(await checkFactor(owner, app())).toEqual(limited);
  expect(await checkFactor(owner, recoveryCodes[0] ?? "")).toEqual(limited);
});

test("the database holds neither the secret nor a recovery code", async () => {
  await beginFactor(verified);
  const begun = await findFactor(owner, EMAIL);
  if (begun.state !== "pending") throw new Error(begun.state);
  const { recoveryCodes } = await turnedOn();
  const [row] = await asTenant(HARBOUR, "select * from second_factors");
  const text = JSON.stringify(row);
  expect(text).not.toContain(begun.secret);
  for (const code of recoveryCodes) expect(text).not.toContain(code.replaceAll("-", ""));
});

test("what is off is asked for no more, and begins with another secret", async () => {
  const { app } = await turnedOn();
  await turnFactorOff(owner);
  expect(await hasFactor(owner)).toBe(false);
  expect(await findFactor(owner, EMAIL)).toEqual({ state: "off" });
  expect(await checkFactor(owner, app())).toEqual({ outcome: "wrong" });
  await beginFactor(verified);
  expect(await confirmFactor(owner, app())).toEqual({ outcome: "wrong" });
});
