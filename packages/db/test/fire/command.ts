// Runs callers under fire, half of them attackers, until so much was sent, or something was found; one line of JSON at the end.
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "@openhouse/pool-testing";
import { createTemplate } from "../support/template.ts";
import type { Ledger } from "./ledger.ts";
import { CLEAR, FireSite, type Role } from "./run.ts";

const USAGE = `node --import tsx packages/db/test/fire/command.ts [OPTION]...
  --statements N  that callers send [1000000]
  --seconds N     at most, however few that were; 0: no limit [0]
  --seed N        of what they do [random]
  --round N       statements after which writes are held against the table, which is emptied of them [25000]
  --as ROLE       app, owner or superuser: as whom callers connect [app]
  --until WHAT    ends with the first: rows of others, leftovers of others in a session, writes that are not as told, anything`;

/** How often it is said how far it is, in milliseconds. */
const PROGRESS_MS = 5_000;

/** What must not be found. */
const WHAT = ["rows", "leftovers", "writes"] as const;
type What = (typeof WHAT)[number];

interface Options {
  readonly statements: number;
  readonly seconds: number;
  readonly seed: number;
  readonly round: number;
  readonly role: Role;
  readonly until: What | "anything" | undefined;
}

function readOptions(): Options | undefined {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({
      options: {
        statements: { ...text, default: "1000000" },
        seconds: { ...text, default: "0" },
        seed: { ...text, default: String(Math.floor(Math.random() * 2 ** 31)) },
        round: { ...text, default: "25000" },
        as: { ...text, default: "app" },
        until: text,
      },
    });
    const [statements, seconds, seed, round] = [
      values.statements,
      values.seconds,
      values.seed,
      values.round,
    ].map(Number);
    const role = (["app", "owner", "superuser"] as const).find((name) => name === values.as);
    const until = [...WHAT, "anything" as const].find((what) => what === values.until);
    if (
      until !== values.until ||
      role === undefined ||
      !isCount(statements) ||
      !isCount(seconds) ||
      !isCount(seed) ||
      !isCount(round)
    )
      return undefined;
    return { statements, seconds, seed, round, role, until };
  } catch {
    return undefined;
  }
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

async function run(options: Options): Promise<number> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given
    ? undefined
    : await startEmbeddedPostgres({ name: "fire", settings: { max_connections: "200" } });
  process.env.TEST_DATABASE_URL = server?.url ?? given ?? "";
  process.env.AUTH_SECRET = "the secret of tests, which guards nothing";
  try {
    await createTemplate(process.env.TEST_DATABASE_URL);
    const site = await FireSite.prepare(options.role);
    Object.assign(process.env, site.environment);
    for (const level of ["warn", "error"] as const) console[level] = () => {}; // the pool's log: there are faults enough
    try {
      return await burn(site, options);
    } finally {
      await site.close();
    }
  } finally {
    await server?.stop("immediate");
  }
}

async function burn(site: FireSite, { statements, seconds, seed, round, until }: Options): Promise<number> {
  const { ledger } = site;
  const startedAtMs = performance.now();
  const tookS = () => (performance.now() - startedAtMs) / 1000;
  const wrong: string[] = [];
  const found: Partial<Record<What, { statements: number; seconds: number }>> = {};
  const look = () => {
    const counts = [ledger.foreign.length, ledger.left.length, wrong.length];
    for (const [index, what] of WHAT.entries())
      if (counts[index] !== 0) found[what] ??= { statements: ledger.statements, seconds: tookS() };
  };
  const isDone = () => {
    look();
    const isFound =
      until === "anything" ? Object.keys(found).length > 0 : until !== undefined && until in found;
    const isTooLate = seconds > 0 && tookS() >= seconds;
    return ledger.statements >= statements || isTooLate || isFound;
  };

  console.log(`seed ${seed}`);
  const progress = setInterval(() => console.log(progressLine(ledger, wrong.length, tookS())), PROGRESS_MS);
  while (!isDone()) {
    const endOfRound = ledger.statements + round;
    const findings = await site.burn(seed, CLEAR, () => ledger.statements >= endOfRound || isDone());
    wrong.push(...findings.wrong);
    if (!findings.othersAreUntouched) wrong.push("rows that nobody is to write are not as they were");
  }
  clearInterval(progress);
  const { foreign, left, rowsSeen, turns, counts } = ledger;
  for (const [what, texts] of Object.entries({ foreign, left, wrong }))
    for (const text of texts.slice(0, 5)) console.log(`${what}: ${text}`);
  console.log(counts);
  const figures = {
    seed,
    statements: ledger.statements,
    turns,
    seconds: Number(tookS().toFixed(1)),
    rowsSeen,
    rows: foreign.length,
    leftovers: left.length,
    writes: wrong.length,
    found,
  };
  console.log(JSON.stringify(figures));
  return Object.keys(found).length === 0 ? 0 : 1;
}

function progressLine(
  { statements, rowsSeen, foreign, left }: Ledger,
  wrong: number,
  seconds: number,
): string {
  const each = Math.round(statements / seconds);
  return (
    `${Math.round(seconds)} s: ${statements} statements (${each}/s), ${rowsSeen} rows seen, ` +
    `${foreign.length} of others, ${left.length} things left by others, ${wrong} writes wrong`
  );
}

const options = readOptions();
if (options === undefined) {
  console.log(USAGE);
  process.exitCode = process.argv.includes("--help") ? 0 : 1;
} else {
  process.exitCode = await run(options);
}
