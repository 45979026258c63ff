import { expect, test } from "vitest";
import { forTenant } from "../../src/client.ts";
import {
  beginSecondFactor,
  confirmSecondFactor,
  findSecondFactor,
  replaceRecoveryCodes,
  takeRecoveryCode,
  takeStep,
  turnSecondFactorOff,
} from "../../src/queries/second-factors.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import { AMELIA, HARBOUR, NORTHGATE } from "../support/tenants.ts";

usePortalDatabase();

const staffId = AMELIA;

test("a second factor is off until it is confirmed, and stays as it is when somebody begins anew", async () => {
  const db = forTenant(HARBOUR);
  expect(await findSecondFactor(db, staffId)).toBeNull();
  expect(await beginSecondFactor(db, { staffId, sealedSecret: "first" })).toBe(true);
  expect(await beginSecondFactor(db, { staffId, sealedSecret: "second" })).toBe(true);
  expect(await findSecondFactor(db, staffId)).toMatchObject({ sealedSecret: "second", isOn: false });
  expect(await takeStep(db, { staffId, step: 9 })).toBe(false);
  expect(await confirmSecondFactor(db, { staffId, step: 10, recoveryHashes: ["a", "b"] })).toBe(true);
  expect(await confirmSecondFactor(db, { staffId, step: 11, recoveryHashes: [] })).toBe(false);
  expect(await beginSecondFactor(db, { staffId, sealedSecret: "third" })).toBe(false);
  expect(await findSecondFactor(db, staffId)).toEqual({
    sealedSecret: "second",
    isOn: true,
    recoveryCodesLeft: 2,
  });
  expect(await findSecondFactor(forTenant(NORTHGATE), staffId)).toBeNull();
});

test("a code's step is taken once, by one of those who try at once, and no older one after it", async () => {
  const db = forTenant(HARBOUR);
  expect(await takeStep(db, { staffId, step: 10 })).toBe(false); // it confirmed
  const twenty = Array.from({ length: 20 }, () => takeStep(db, { staffId, step: 12 }));
  expect((await Promise.all(twenty)).filter(Boolean)).toHaveLength(1);
  expect(await takeStep(db, { staffId, step: 11 })).toBe(false);
});

test("a recovery code is taken once, and new ones take the place of what is left", async () => {
  const db = forTenant(HARBOUR);
  const twenty = Array.from({ length: 20 }, () => takeRecoveryCode(db, { staffId, hash: "a" }));
  expect((await Promise.all(twenty)).filter(Boolean)).toHaveLength(1);
  expect(await findSecondFactor(db, staffId)).toMatchObject({ recoveryCodesLeft: 1 });
  await replaceRecoveryCodes(db, { staffId, recoveryHashes: ["c", "d"] });
  expect(await takeRecoveryCode(db, { staffId, hash: "b" })).toBe(false);
  expect(await findSecondFactor(db, staffId)).toMatchObject({ recoveryCodesLeft: 2 });
});

test("what is turned off is asked for no more, and opens nothing", async () => {
  const db = forTenant(HARBOUR);
  await turnSecondFactorOff(db, staffId);
  expect(await findSecondFactor(db, staffId)).toEqual({
    sealedSecret: "",
    isOn: false,
    recoveryCodesLeft: 0,
  });
  expect(await takeRecoveryCode(db, { staffId, hash: "c" })).toBe(false);
  expect(await takeStep(db, { staffId, step: 99 })).toBe(false);
});
