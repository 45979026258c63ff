import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "@openhouse/tooling/cli/main";
import { readOptions } from "@openhouse/tooling/measure/arguments";
import { complaintsOf, tellVerdict } from "@openhouse/tooling/measure/verdict";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { portalNamed } from "@openhouse/tooling/portals/portals";
import { openOwnDatabase } from "./environment/database.ts";
import { LoadPortal } from "./environment/portal.ts";
import { seedTenant } from "./environment/seeded-tenant.ts";
import { Line } from "./generator/http.ts";

const USAGE = `npm run loadtest:flood -- [options]
Homeowners who are signed in read their pages, calm and beside a flood of guessed onboarding codes: 300 connections
from one address, then 150 from as many. Fails where one of them is turned away, or waits more than twice as long.
  --duration 15         seconds of each part`;
const HOSTILE = fileURLToPath(new URL("./generator/hostile.ts", import.meta.url));
const READERS = 4;
const PAUSE_MS = 40;
const MAX_RATIO = 2;
/** For the first requests of a process, and for a flood to have begun. */
const WARM_UP_MS = 5_000;

interface Part {
  readonly name: string;
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p99: number;
  readonly hostile: string;
}

await main(async () => {
  if (process.argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const range = { fallback: 15, min: 1, max: 600 };
  const { duration } = readOptions(process.argv.slice(2), { duration: range });
  const built = portalNamed("tenant-portal");
  await ensureBuild(built, console.log, AbortSignal.timeout(600_000));
  const database = await openOwnDatabase();
  try {
    const settings = { DATABASE_URL: database.appUrl };
    const portal = await LoadPortal.start({ portal: built, settings, logPath: join(tmpdir(), "flood.log") });
    try {
      return await run(portal.origin, database.appUrl, duration * 1_000);
    } finally {
      await portal.stop();
    }
  } finally {
    await database.stop();
  }
});

async function run(origin: string, appUrl: string, durationMs: number): Promise<number> {
  const { codes } = await seedTenant(appUrl, READERS);
  const line = new Line(origin);
  const cookies = await Promise.all(codes.map((code, at) => moveIn(line, code, `203.0.113.${at}`)));
  await read(line, cookies, WARM_UP_MS);

  const calm = { name: "calm", hostile: "", ...(await read(line, cookies, durationMs)) };
  const parts: Part[] = [calm];
  for (const [name, senders, addresses] of [
    ["300 connections, one address", 300, 1],
    ["150 connections, 150 addresses", 150, 150],
  ] as const) {
    const flood = sendHostile(origin, senders, addresses, WARM_UP_MS + durationMs);
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    const reading = await read(line, cookies, durationMs);
    parts.push({ name, ...reading, hostile: await flood });
  }
  console.table(parts.map(({ statuses, ...part }) => ({ ...part, pages: JSON.stringify(statuses) })));
  return tellVerdict(
    complaintsOf(
      parts.flatMap(({ name, statuses, p99 }) => [
        [Object.keys(statuses).join() === "200", `${name}: pages were answered ${JSON.stringify(statuses)}`],
        [
          p99 <= MAX_RATIO * calm.p99,
          `${name}: the pages' p99 is ${(p99 / calm.p99).toFixed(1)} times that of calm`,
        ],
      ]),
    ),
  );
}

async function moveIn(line: Line, code: string, address: string): Promise<string> {
  const json = { code };
  const headers = { "x-forwarded-for": address };
  const answer = await line.ask({ method: "POST", path: "/api/onboarding", json, headers });
  const cookie = [answer.headers["set-cookie"] ?? []].flat()[0]?.split(";")[0];
  if (cookie === undefined)
    throw new Error(`nobody was let in: ${answer.status} ${answer.body.slice(0, 200)}`);
  return cookie;
}

/** What those who are signed in see: the pages' statuses, and how long each took in milliseconds. */
async function read(line: Line, cookies: readonly string[], durationMs: number) {
  const untilMs = performance.now() + durationMs;
  const statuses: Record<string, number> = {};
  const times: number[] = [];
  await Promise.all(
    cookies.map(async (cookie) => {
      while (performance.now() < untilMs) {
        const startedAtMs = performance.now();
        const { status } = await line.ask({ path: "/", headers: { cookie } });
        times.push(performance.now() - startedAtMs);
        statuses[status] = (statuses[status] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }),
  );
  times.sort((one, other) => one - other);
  const at = (part: number) => Math.round((times[Math.floor(times.length * part)] ?? 0) * 10) / 10;
  return { statuses, p50: at(0.5), p99: at(0.99) };
}

/** @returns how often it was answered what. */
function sendHostile(
  origin: string,
  senders: number,
  addresses: number,
  durationMs: number,
): Promise<string> {
  const args = [new URL(origin).port, senders, addresses, durationMs].map(String);
  const child = spawn(process.execPath, ["--import", "tsx", HOSTILE, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (piece) => {
    said += String(piece);
  });
  return new Promise((resolve) => child.once("close", () => resolve(said.trim())));
}
