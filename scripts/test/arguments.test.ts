import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { endAllScripts, runScript } from "./support/script.ts";

afterEach(endAllScripts);

/** Made as soon as a script starts its server. */
const UNUSED = join(tmpdir(), `openhouse-arguments-${process.pid}`);

async function run(name: string, args: string[]) {
  const script = runScript(name, { EMBEDDED_POSTGRES_DIR: UNUSED }, args);
  return { code: await script.ended, output: script.output() };
}

test.each([
  ["start", ["--port", "4000"], /--port[\s\S]*TENANT_PORTAL_PORT=/],
  ["start", ["--workers", "0"], /--workers must be a whole number from 1 to 64; it is "0"[\s\S]*npm start/],
  ["start", ["--workers", "two"], /it is "two"/],
  ["drills", ["--only", "fire"], /fire[\s\S]*read-only/],
  ["doctor", ["--jsno"], /--jsno[\s\S]*--instances N/],
  ["db-reset", ["now"], /now[\s\S]*--yes/],
  ["example", ["fire"], /fire[\s\S]*express-kysely/],
  ["matrix", ["--only", "fire"], /fire[\s\S]*node-20/],
  ["site", ["--port", "none"], /none[\s\S]*--no-build/],
  ["measure-pages", ["many"], /many[\s\S]*measure:pages/],
  ["measure-scale", ["--tenants", "many"], /--tenants[\s\S]*measure:scale/],
  ["measure-search", ["many"], /"many"[\s\S]*DEVELOPMENTS/],
  ["../bench/bench", ["--onyl", "1"], /--onyl[\s\S]*--only 1,5b/],
  ["../bench/faults-compare", ["fire"], /fire[\s\S]*half-open/],
  ["../bench/soak", ["--faults", "fire"], /fire[\s\S]*kill-9/],
])("%s %o is refused, with what there is instead, before anything starts", async (name, args, said) => {
  const { code, output } = await run(name, args);
  expect(code).toBe(1);
  expect(output).toMatch(said);
  expect(output).not.toMatch(/at .*\.ts:/); // no stack
  expect(existsSync(UNUSED)).toBe(false);
});

test("--help tells what a script takes, and does nothing: db:reset drops no data", async () => {
  const { code, output } = await run("db-reset", ["--help"]);
  expect(output).toContain("--yes");
  expect(code).toBe(0);
  expect(existsSync(UNUSED)).toBe(false);
});

test("a place that cannot be made for the server is told", async () => {
  const script = runScript("test-connection-pool", { EMBEDDED_POSTGRES_DIR: "/proc/openhouse" });
  expect(await script.ended).toBe(1);
  expect(script.output()).toMatch(/no place for its files.*EMBEDDED_POSTGRES_DIR/);
});
