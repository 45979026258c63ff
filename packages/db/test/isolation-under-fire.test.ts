import { waitFor } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { getPoolStats } from "../src/client.ts";
import type { Ledger } from "./fire/ledger.ts";
import { FireSite, STORM } from "./fire/run.ts";

const FIRE_MS = Number(process.env.FIRE_MS ?? 10_000);
const SEED = Number(process.env.FIRE_SEED ?? Math.floor(Math.random() * 2 ** 31));

let site: FireSite;

beforeAll(async () => {
  site = await FireSite.prepare();
  for (const [name, value] of Object.entries(site.environment)) vi.stubEnv(name, value);
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
});

afterAll(async () => {
  await site.close();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("under fire, and with attackers among the callers, no tenant meets another, and every write is what its caller was told", {
  timeout: 3 * FIRE_MS + 30_000,
}, async () => {
  const { ledger } = site;
  const startedAtMs = performance.now();
  const tookMs = () => performance.now() - startedAtMs;
  // A slow machine gets the time it takes for this to mean something.
  const over = () => tookMs() > FIRE_MS && (enough(ledger) || tookMs() > 3 * FIRE_MS);

  const findings = await site.burn(SEED, STORM, over);

  const { statements, rowsSeen, foreign, left, counts } = ledger;
  console.log(JSON.stringify({ seed: SEED, statements, rowsSeen }), counts);
  expect({ foreign, left, ...findings }).toEqual({
    foreign: [],
    left: [],
    wrong: [],
    othersAreUntouched: true,
  });
  expect(enough(ledger)).toBe(true);

  await waitFor(() => getPoolStats().closingCount === 0, { what: "what was cut to be gone" });
  await waitFor(() => getPoolStats().idleCount === getPoolStats().totalCount, { what: "all to be idle" });
  expect(getPoolStats()).toMatchObject({ usedCount: 0, waitingCount: 0 });
});

function enough({ counts, rowsSeen }: Ledger): boolean {
  const { "told done": done = 0, "told not done": notDone = 0, "told unknown": unknown = 0 } = counts;
  return done > 100 && notDone > 50 && unknown > 0 && rowsSeen > 1_000;
}
