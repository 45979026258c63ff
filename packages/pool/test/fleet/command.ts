// Four processes share a server of 100 connections, with pools of one size or another, and with pools that size themselves; then one
// tenant floods a pool beside ten quiet ones, in one line and in turns.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { startEmbeddedPostgres } from "@openhouse/pool-testing";
import { Pool } from "../../src/index.ts";
import { flood, percentile } from "./flood.ts";
import type { Trial, TrialReport } from "./process.ts";

const PROCESSES = 4;
const SIZES = [3, 6, 10, 18];
const TRIAL_MS = 5_000;
/** A pool that sizes itself may serve so many times as little as the best fixed size. */
const WITHIN = 0.75;
/** The process that was served least, to the one that was served most. */
const STARVED = 0.5;
const FLOOD = { callers: 200, quietTenants: 10, holdMs: 4, durationMs: 5_000 };

const server = await startEmbeddedPostgres({
  name: `fleet-${process.pid}`,
  temporary: true,
  settings: { max_connections: "100" },
});
const program = new URL("process.ts", import.meta.url);
const children = Array.from({ length: PROCESSES }, (_, index) =>
  fork(program, [server.url, `fleet@${index}`], { execArgv: ["--import", "tsx"] }),
);

async function trialOf(child: ChildProcess, trial: Trial): Promise<TrialReport> {
  const ended = once(child, "exit").then(() => {
    throw new Error("a process has ended");
  });
  child.send(trial);
  const [report] = await Promise.race([once(child, "message"), ended]);
  return report as TrialReport;
}

async function run(max?: number) {
  const trial = { ...(max !== undefined && { max }), durationMs: TRIAL_MS };
  const reports = await Promise.all(children.map((child) => trialOf(child, trial)));
  const served = reports.map((report) => report.served);
  const total = served.reduce((sum, each) => sum + each, 0);
  const inVain = reports.reduce((sum, report) => sum + report.inVain, 0);
  const refused = reports.reduce((sum, report) => sum + report.refused, 0);
  const sizes = reports.map((report) => report.max).join(" ");
  const perSecond = Math.round(total / (TRIAL_MS / 2_000));
  const leastPart = Math.min(...served) / Math.max(...served);
  console.log(
    `${max === undefined ? "auto" : `max ${max}`}: ${perSecond}/s, least to most ${leastPart.toFixed(2)}, ` +
      `${inVain} in vain, ${refused} refused after the first minute, sizes ${sizes}`,
  );
  return { perSecond, leastPart, inVain, refused };
}

try {
  await run(SIZES[0]); // code that has not run yet is slower
  const fixed: number[] = [];
  for (const size of SIZES) fixed.push((await run(size)).perSecond);
  const auto = await run();
  const part = auto.perSecond / Math.max(...fixed);
  console.log(`auto, to the best fixed size: ${part.toFixed(2)} (at least ${WITHIN})`);
  if (part < WITHIN || auto.leastPart < STARVED || auto.inVain + auto.refused > 0) process.exitCode = 1;

  const pool = new Pool({ connectionString: server.url, max: 10, min: 10, maxWaiting: 1_000 });
  await pool.warmUp();
  const p99s: number[] = [];
  for (const [name, tellsTenants] of [
    ["in one line", false],
    ["in turns", true],
  ] as const) {
    const { quietMs, served } = await flood(pool, tellsTenants, FLOOD);
    const [p50, p99] = [percentile(quietMs, 0.5), percentile(quietMs, 0.99)];
    p99s.push(p99);
    console.log(
      `${FLOOD.callers} callers of one tenant beside ${FLOOD.quietTenants} quiet ones, ${name}: quiet ones wait ` +
        `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ${quietMs.length} of theirs and ${served} of the flood served`,
    );
  }
  await pool.end();
  if ((p99s[1] ?? 0) > (p99s[0] ?? 0) / 3) process.exitCode = 1;
} finally {
  for (const child of children) if (child.connected) child.disconnect();
  await server.stop();
}
