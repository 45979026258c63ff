import { createTenantDatabase, type TenantDatabase } from "@openhouse/db/test-support/database";
import { testServerUrl } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FIRST_MAX, Laboratory } from "../support/hot-reload/laboratory.ts";
import { saveOften } from "../support/hot-reload/saves.ts";
import { changeSettings, settingsChanges } from "../support/hot-reload/settings-changes.ts";
import { faultsOfChanges, faultsOfSaves } from "../support/hot-reload/verdict.ts";

// Both portals under a real `next dev`, side by side, in a copy of the checkout. `npm run test:hot-reload` does the same
// with more saves.
const SAVES = 20;
const CHANGES = 2;

let databases: TenantDatabase[] = [];
let laboratory: Laboratory;
beforeAll(async () => {
  databases = await Promise.all([createTenantDatabase(), createTenantDatabase()]);
  laboratory = await Laboratory.open(testServerUrl(), databases);
}, 240_000);
afterAll(async () => {
  await laboratory?.close();
  for (const database of databases) await database.drop();
}, 60_000);

test("however often client.ts, resources.ts and a route are saved, there are never more backends than the pool's max and the probe's one", async () => {
  const records = await saveOften(laboratory, SAVES);
  expect(records).toHaveLength(SAVES * 3 * 2);
  expect(faultsOfSaves(records, FIRST_MAX)).toEqual([]);
}, 240_000);

test("settings that change: the new pool serves at once, the old one ends when its borrower is done", async () => {
  for (const change of settingsChanges(laboratory, CHANGES, SAVES + 1)) {
    expect(faultsOfChanges(await changeSettings(laboratory, change))).toEqual([]);
  }
}, 120_000);
