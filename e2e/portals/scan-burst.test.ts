import { asSuperuser } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE } from "../support/browser.ts";
import { moveIn, redeem } from "../support/residents.ts";

/** So many as the portals of this test, with five connections, take without turning anybody away. */
const CODES_AT_ONCE = 20;
const WAVES = 5;
const BROWSERS = 4;
/** Of one building, behind one address. */
const GUESSES = 31;

test.beforeEach(async ({ portals }) => {
  const forget = () => asSuperuser(portals.postgres.url, (client) => client.query("delete from rate_limits"));
  await forget();
  return async () => void (await forget());
});

test("of each code scanned twice at the same instant one wins, the other is told, nobody is refused", async ({
  portals,
}) => {
  for (let wave = 0; wave < WAVES; wave++) {
    const residents = await moveIn(portals, "Cooper's Quay", CODES_AT_ONCE);
    const pages = await Promise.all(
      residents.map(({ code }) => read(`${portals.tenant.url}/onboard/${code}`)),
    );
    expect(residents.filter(({ name }, at) => !pages[at]?.includes(`Welcome, ${name}`))).toEqual([]);

    const twice = await Promise.all(
      residents.map(({ code }) => Promise.all([redeem(portals, code), redeem(portals, code)])),
    );
    for (const answers of twice) {
      const [won, told] = answers.toSorted((one, other) => one.status - other.status);
      expect([won?.status, told?.status]).toEqual([200, 409]);
      expect(await won?.json()).toEqual({ outcome: "welcome" });
      expect(await told?.json()).toEqual({ error: "code_used" });
      expect(won?.headers.getSetCookie().join()).toContain("openhouse-tenant=");
      expect(told?.headers.getSetCookie()).toEqual([]);
    }
  }
});

test("several phones that open one home at once: one is in, the others read why not", async ({
  newPage,
  portals,
}) => {
  const residents = await moveIn(portals, "Orchard Rise", 3);
  for (const { code, name } of residents) {
    const outcomes = await Promise.all(
      Array.from({ length: BROWSERS }, async () => {
        const page = await newPage({ viewport: PHONE });
        await page.goto(`${portals.tenant.url}/onboard/${code}`);
        await page.getByRole("button", { name: /open/i }).click({ noWaitAfter: true });
        const home = page.getByRole("heading", { name: `Welcome home, ${name}` });
        const told = page.getByText("It was used already").first();
        await home.or(told).first().waitFor();
        return (await home.count()) > 0;
      }),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  }
});

test("an unknown code is answered in the time of a known one", async ({ portals }) => {
  const residents = await moveIn(portals, "Cooper's Quay", 30);
  const known: number[] = [];
  const unknown: number[] = [];
  for (const [at, { code }] of residents.entries()) {
    known.push(await timed(() => redeem(portals, code)));
    unknown.push(await timed(() => redeem(portals, `UNKNOWN${at}`)));
  }
  const [knownMs, unknownMs] = [median(known), median(unknown)];
  console.log(
    `redeeming: known ${knownMs.toFixed(1)} ms, unknown ${unknownMs.toFixed(1)} ms (medians of 30)`,
  );
  expect(Math.abs(knownMs - unknownMs)).toBeLessThan(10);
});

test("what is no code is refused before anything is looked for", async ({ portals }) => {
  const { url } = portals.tenant;
  const post = (body: string, headers: Record<string, string> = { Origin: url }) =>
    fetch(`${url}/api/onboarding`, { method: "POST", headers, body });
  for (const body of [
    "",
    "{",
    "null",
    "[]",
    '{"code":7}',
    "{}",
    JSON.stringify({ code: "x".repeat(2_000) }),
  ]) {
    const answer = await post(body);
    expect([answer.status, await answer.json()], body.slice(0, 20)).toEqual([400, { error: "malformed" }]);
  }
  expect((await post('{"code":"x"}', { Origin: "https://elsewhere.example" })).status).toBe(403);
});

const read = async (url: string) => (await fetch(url)).text();

async function timed(work: () => Promise<Response>): Promise<number> {
  const startedAtMs = performance.now();
  await (await work()).arrayBuffer();
  return performance.now() - startedAtMs;
}

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

// The last: the portal remembers whom it refuses, whatever the table says.
test("guesses are refused from the same address, and who holds a code is not", async ({ portals, page }) => {
  const [resident] = await moveIn(portals, "The Foundry", 1);
  const answers = [];
  for (let count = 0; count < GUESSES; count++) answers.push(await redeem(portals, `GUESS${count}`));
  expect(answers.at(0)?.status).toBe(404);
  const last = answers.at(-1);
  expect(last?.status).toBe(429);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  await page.goto(`${portals.tenant.url}/onboard/00000000000000000000`);
  await page.getByText("There were too many attempts from here").waitFor();
  expect((await redeem(portals, resident?.code ?? "")).status).toBe(200);
});
