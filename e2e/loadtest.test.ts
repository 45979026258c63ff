import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const LIMIT_MS = 240_000;
// The results of a measured run are not to be overwritten by a test.
const RESULTS = mkdtempSync(join(tmpdir(), "openhouse-loadtest-results-"));
afterAll(() => rmSync(RESULTS, { recursive: true, force: true }));

/** As somebody at a terminal runs it. */
async function loadTest(name: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn("npm", ["run", "--silent", `loadtest:${name}`, "--", "--results", RESULTS, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

const SMALL = ["--concurrent", "10", "--rate", "5", "--requests", "50", "--duration", "3"];

test(
  "a short load of chat, scans and searches is all answered, and all that was acknowledged is kept",
  async () => {
    const { code, output } = await loadTest("all", ...SMALL);
    expect(code, output).toBe(0);
    const { reports } = results("all.json");
    expect(reports).toHaveLength(3);
    for (const { generator, ledger } of reports) {
      for (const { asked, answeredAtOnce } of generator.operations) expect(answeredAtOnce).toBe(asked);
      expect([...ledger.lost, ...ledger.doubled]).toEqual([]);
    }
    const [chat, onboarding] = reports;
    expect(chat?.ledger.acknowledged.answers).toBeGreaterThan(10);
    expect(onboarding?.ledger.acknowledged.redemptions).toBeGreaterThanOrEqual(15);
  },
  LIMIT_MS,
);

test(
  "over a restart of the database nobody is told anything but when to come again, and nothing is lost",
  async () => {
    const { code, output } = await loadTest("all", "--restart", ...SMALL);
    expect(code, output).toBe(0);
    const { reports } = results("all-restart.json");
    expect(reports.map(({ restart }) => restart?.tookMs)).toEqual(reports.map(() => expect.any(Number)));
  },
  LIMIT_MS,
);

test(
  "a threshold that is not kept is a failure",
  async () => {
    const { code, output } = await loadTest("rag", "--requests", "20", "--max-p99", "1");
    expect(code, output).toBe(1);
    expect(output).toMatch(/search: p99 is \d+ ms, 1 may be/);
  },
  LIMIT_MS,
);

interface Report {
  restart: { tookMs: number } | null;
  generator: { operations: { asked: number; answeredAtOnce: number }[] };
  ledger: { lost: string[]; doubled: string[]; acknowledged: { answers: number; redemptions: number } };
}

function results(name: string): { reports: Report[] } {
  return JSON.parse(readFileSync(join(RESULTS, name), "utf8"));
}
