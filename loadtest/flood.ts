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
from one address, then 150 from as many, and all of it again. Fails where one of them is turned away, or where their p99
beside a flood is more than twice that of calm, all rounds taken together.
  --duration 10         seconds of each part
  --rounds 3            how often the parts take turns`;
const HOSTILE = fileURLToPath(new URL("./generator/hostile.ts", import.meta.url));
const READERS = 4;
const PAUSE_MS = 40;
const MAX_RATIO = 2;
/** For the first requests of a process, and for a flood to have begun. */
const WARM_UP_MS = 5_000;

const FLOODS = [
  { name: "300 connections, one address", senders: 300, addresses: 1 },
  { name: "150 connections, 150 addresses", senders: 150, addresses: 150 },
];

interface Reading {
  /** The pages' statuses, how often each. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly timesMs: readonly number[];
}

await main(async () => {
  if (process.argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const { duration, rounds } = readOptions(process.argv.slice(2), {
    duration: { fallback: 10, min: 1, max: 600 },
    rounds: { fallback: 3, min: 1, max: 100 },
  });
  const built = portalNamed("tenant-portal");
  await ensureBuild(built, console.log, AbortSignal.timeout(600_000));
  const database = await openOwnDatabase();
  try {
    const settings = { DATABASE_URL: database.appUrl };
    const portal = await LoadPortal.start({ portal: built, settings, logPath: join(tmpdir(), "flood.log") });
    try {
      return await run(portal.origin, database.appUrl, duration * 1_000, rounds);
    } finally {
      await portal.stop();
    }
  } finally {
    await database.stop();
  }
});

async function run(origin: string, appUrl: string, durationMs: number, rounds: number): Promise<number> {
  const { codes } = await seedTenant(appUrl, READERS);
  const line = new Line(origin);
  const cookies = await Promise.all(codes.map((code, at) => moveIn(line, code, `203.0.113.${at}`)));
  await read(line, cookies, WARM_UP_MS);

  const calm: Reading[] = [];
  const floods = FLOODS.map((flood) => ({ ...flood, readings: [] as Reading[], hostile: "" }));
  for (let round = 0; round < rounds; round++) {
    calm.push(await read(line, cookies, durationMs));
    for (const flood of floods) {
      const { senders, addresses } = flood;
      const sent = sendHostile(origin, senders, addresses, WARM_UP_MS + durationMs);
      await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
      flood.readings.push(await read(line, cookies, durationMs));
      flood.hostile = await sent;
    }
  }
  const parts = [
    { ...summaryOf("calm", calm), hostile: "" },
    ...floods.map(({ name, readings, hostile }) => ({ ...summaryOf(name, readings), hostile })),
  ];
  const calmP99 = parts[0]?.p99 ?? 0;
  console.table(
    parts.map(({ statuses, hostile, ...part }) => ({
      ...part,
      "x calm": (part.p99 / calmP99).toFixed(2),
      pages: JSON.stringify(statuses),
      "strangers, last round": hostile,
    })),
  );
  return tellVerdict(
    complaintsOf(
      parts.flatMap(({ name, statuses, p99 }) => [
        [Object.keys(statuses).join() === "200", `${name}: pages were answered ${JSON.stringify(statuses)}`],
        [
          p99 <= MAX_RATIO * calmP99,
          `${name}: the pages' p99 is ${(p99 / calmP99).toFixed(1)} times that of calm`,
        ],
      ]),
    ),
  );
}

/** All readings of a kind as one, and the p99 of each: how much of it the machine's other work is. */
function summaryOf(name: string, readings: readonly Reading[]) {
  const statuses: Record<string, number> = {};
  for (const reading of readings)
    for (const [status, count] of Object.entries(reading.statuses))
      statuses[status] = (statuses[status] ?? 0) + count;
  const times = readings.flatMap((reading) => reading.timesMs);
  const rounds = readings.map(({ timesMs }) => part(timesMs, 0.99)).join(", ");
  return { name, p50: part(times, 0.5), p99: part(times, 0.99), "p99 of each round": rounds, statuses };
}

function part(timesMs: readonly number[], share: number): number {
  const sorted = timesMs.toSorted((one, other) => one - other);
  return Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
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

/** What those who are signed in see. */
async function read(line: Line, cookies: readonly string[], durationMs: number): Promise<Reading> {
  const untilMs = performance.now() + durationMs;
  const statuses: Record<string, number> = {};
  const timesMs: number[] = [];
  await Promise.all(
    cookies.map(async (cookie) => {
      while (performance.now() < untilMs) {
        const startedAtMs = performance.now();
        const { status } = await line.ask({ path: "/", headers: { cookie } });
        timesMs.push(performance.now() - startedAtMs);
        statuses[status] = (statuses[status] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }),
  );
  return { statuses, timesMs };
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
