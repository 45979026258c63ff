import { parseArgs } from "node:util";
import { UserError } from "@openhouse/tooling/cli/user-error";

export const TESTS = ["chat", "onboarding", "rag", "all", "mixed"] as const;
export type TestName = (typeof TESTS)[number];

export const USAGE = `npm run loadtest:<chat|onboarding|rag|all|mixed> -- [options]

chat        homeowners who each hold a conversation, and hear every answer to its end
  --concurrent 100      how many
  --turns 4             messages in one conversation; then the homeowner begins another
  --think-ms 0          between an answer's end and the next message
  --duration 20         seconds; answers under way are heard to their end
onboarding  QR scans at a fixed rate (open loop), each opens a fresh code's page and redeems it
  --rate 50             scans a second
  --duration 20         seconds
rag         document searches
  --requests 200        how many
  --concurrent 50       how many at once
all         chat, onboarding and rag, one after the other; takes the options of all (--concurrent is chat's)
mixed       chat, scans, search, polling of jobs and health probes at the same time
  --minutes 10
  --think-ms 15000      homeowners read what they are told, for so long on average: this sets the normal load
  --search-rate 10      searches a second
  --poll-ms 100         how often the job executor asks

all of them
  --restart             the database is restarted midway; whoever is sent back with Retry-After comes again then
  --compare             the same with one client, with drizzle(pg.Pool), and with ours; calm and with a restart
  --database-url URL    a migrated database instead of an embedded one: the portal's role; what is made is removed
  --max-error-rate 0    percent of the requests that may fail at the first attempt; with --restart: for good
  --max-p99 MS          of each kind of request (default: no limit)
  --results DIR         where results are put (default: loadtest/results)
  --write-docs          writes the tables into docs/load-tests.md
  --help`;

export interface Flags {
  readonly test: TestName;
  readonly help: boolean;
  readonly concurrent: number;
  readonly searchConcurrent: number;
  readonly turns: number;
  readonly thinkMs: number;
  readonly durationMs: number;
  readonly rate: number;
  readonly requests: number;
  readonly minutes: number;
  readonly searchRate: number;
  readonly pollMs: number;
  readonly restart: boolean;
  readonly compare: boolean;
  readonly databaseUrl: string | undefined;
  /** A share, not percent. */
  readonly maxErrorRate: number;
  readonly maxP99Ms: number | undefined;
  readonly results: string | undefined;
  readonly writeDocs: boolean;
}

const OPTIONS = {
  concurrent: { type: "string" },
  turns: { type: "string" },
  "think-ms": { type: "string" },
  duration: { type: "string" },
  rate: { type: "string" },
  requests: { type: "string" },
  minutes: { type: "string" },
  "search-rate": { type: "string" },
  "poll-ms": { type: "string" },
  restart: { type: "boolean", default: false },
  compare: { type: "boolean", default: false },
  "database-url": { type: "string" },
  "max-error-rate": { type: "string" },
  "max-p99": { type: "string" },
  results: { type: "string" },
  "write-docs": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const CHAT = ["concurrent", "turns", "think-ms", "duration"];
const OF: Record<TestName, readonly string[]> = {
  chat: CHAT,
  onboarding: ["rate", "duration"],
  rag: ["requests", "concurrent"],
  all: [...CHAT, "rate", "requests"],
  mixed: ["concurrent", "turns", "think-ms", "rate", "minutes", "search-rate", "poll-ms"],
};
const OF_ALL = [
  "restart",
  "compare",
  "database-url",
  "max-error-rate",
  "max-p99",
  "results",
  "write-docs",
  "help",
];

/** @throws {UserError} listing every fault of the flags. */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  const faults: string[] = [];
  const [name, ...rest] = positionals;
  const test = TESTS.find((each) => each === name);
  if (test === undefined) faults.push(`which load test: one of ${TESTS.join(", ")}; got ${name ?? "none"}`);
  if (rest.length > 0) faults.push(`"${rest.join(" ")}" is no option; options begin with --`);
  for (const [option, value] of Object.entries(values)) {
    if (test === undefined || value === false || OF_ALL.includes(option) || OF[test].includes(option))
      continue;
    faults.push(
      `--${option} means nothing to ${test}; it takes ${OF[test].map((each) => `--${each}`).join(", ")}`,
    );
  }
  const number = (
    option: keyof typeof values,
    fallback: number,
    bounds: [least: number, most: number],
    whole = true,
  ) => {
    const text = values[option];
    if (text === undefined) return fallback;
    const value = Number(text);
    const [least, most] = bounds;
    const right = text !== "" && value >= least && value <= most && (!whole || Number.isInteger(value));
    if (!right)
      faults.push(
        `--${option} must be a ${whole ? "whole " : ""}number from ${least} to ${most}; it is "${text}"`,
      );
    return value;
  };
  const flags: Flags = {
    test: test ?? "all",
    help: values.help,
    concurrent: number("concurrent", 100, [1, 2_000]),
    searchConcurrent: test === "rag" ? number("concurrent", 50, [1, 2_000]) : 50,
    turns: number("turns", 4, [1, 1_000]),
    thinkMs: number("think-ms", test === "mixed" ? 15_000 : 0, [0, 600_000]),
    durationMs: 1_000 * number("duration", 20, [1, 86_400], false),
    rate: number("rate", 50, [0.1, 5_000], false),
    requests: number("requests", 200, [1, 1_000_000]),
    minutes: number("minutes", 10, [0.1, 1_440], false),
    searchRate: number("search-rate", 10, [0.1, 5_000], false),
    pollMs: number("poll-ms", 100, [10, 60_000]),
    restart: values.restart,
    compare: values.compare,
    databaseUrl: values["database-url"],
    maxErrorRate: number("max-error-rate", 0, [0, 100], false) / 100,
    maxP99Ms: values["max-p99"] === undefined ? undefined : number("max-p99", 0, [1, 600_000], false),
    results: values.results,
    writeDocs: values["write-docs"],
  };
  faults.push(...contradictions(flags));
  if (faults.length > 0 && !flags.help)
    throw new UserError(`${faults.join("\n")}\n\n--help lists what there is.`);
  return flags;
}

function contradictions({ test, compare, restart, databaseUrl }: Flags): string[] {
  const faults: string[] = [];
  if (databaseUrl !== undefined && !isPostgresUrl(databaseUrl))
    faults.push("--database-url must be an address such as postgres://user:password@host:5432/database");
  if (databaseUrl !== undefined && (restart || compare))
    faults.push("--restart and --compare need the embedded server: a given one is not ours to restart");
  if (compare && restart) faults.push("--compare restarts the database by itself: leave --restart out");
  if (compare && test === "mixed") faults.push("--compare is for chat, onboarding, rag and all");
  return faults;
}

const isPostgresUrl = (text: string) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Node's own words are good: they name the option.
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${reason}\n\n--help lists what there is.`, { cause: error });
  }
}
