import { readOptions } from "@openhouse/tooling/measure/arguments";

export const TESTS = ["chat", "onboarding", "rag", "all", "mixed", "docs"] as const;
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
  --workers 1           in how many processes the portal runs, behind its one port
  --database-url URL    a migrated database instead of an embedded one: the portal's role; DATABASE_URL_OWNER removes what is made
  --max-error-rate 0    percent of the requests that may fail at the first attempt; with --restart: for good
  --max-p99 MS          of each kind of request (default: no limit)
  --results DIR         where results are put (default: loadtest/results)
  --write-docs          writes the tables into docs/load-tests.md; so does loadtest:docs, with those of the last runs
  --help`;

const kindsOf = (test: TestName | undefined) =>
  ({
    concurrent: { fallback: test === "rag" ? 50 : 100, min: 1, max: 2_000, whole: true },
    turns: { fallback: 4, min: 1, max: 1_000, whole: true },
    "think-ms": { fallback: test === "mixed" ? 15_000 : 0, min: 0, max: 600_000, whole: true },
    duration: { fallback: 20, min: 1, max: 86_400 },
    rate: { fallback: 50, min: 0.1, max: 5_000 },
    requests: { fallback: 200, min: 1, max: 1_000_000, whole: true },
    minutes: { fallback: 10, min: 0.1, max: 1_440 },
    "search-rate": { fallback: 10, min: 0.1, max: 5_000 },
    "poll-ms": { fallback: 100, min: 10, max: 60_000, whole: true },
    restart: "switch",
    compare: "switch",
    workers: { fallback: 1, min: 1, max: 64, whole: true },
    "database-url": "text",
    "max-error-rate": { fallback: 0, min: 0, max: 100 },
    "max-p99": { fallback: Number.POSITIVE_INFINITY, min: 1, max: 600_000 },
    results: "text",
    "write-docs": "switch",
  }) as const;

const CHAT = ["concurrent", "turns", "think-ms", "duration"];
const OWN: Record<TestName, readonly string[]> = {
  chat: CHAT,
  onboarding: ["rate", "duration"],
  rag: ["requests", "concurrent"],
  all: [...CHAT, "rate", "requests"],
  mixed: ["concurrent", "turns", "think-ms", "rate", "minutes", "search-rate", "poll-ms"],
  docs: [],
};
const OF_ANY = new Set(Object.values(OWN).flat());

export type Flags = ReturnType<typeof readFlags>;

/** @throws {UserError} listing every fault of the flags. */
export function readFlags([name, ...args]: readonly string[]) {
  const test = TESTS.find((each) => each === name);
  const options = readOptions(
    args,
    kindsOf(test),
    ({ restart, compare, workers, "database-url": url }, given) => {
      if (test === undefined) return [`which load test: one of ${TESTS.join(", ")}; got ${name ?? "none"}`];
      const own = OWN[test];
      const listed = own.map((option) => `--${option}`).join(", ");
      const foreign = given.filter((option) => OF_ANY.has(option) && !own.includes(option));
      const faults = foreign.map((option) => `--${option} means nothing to ${test}; it takes ${listed}`);
      if (url !== undefined && !/^postgres(ql)?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
        faults.push("--database-url must be an address such as postgres://user:password@host:5432/database");
      if (url !== undefined && (restart || compare))
        faults.push("--restart and --compare need the embedded server: a given one is not ours to restart");
      if (compare && restart) faults.push("--compare restarts the database by itself: leave --restart out");
      if (compare && workers > 1)
        faults.push("--compare is of one process, as its peers are: leave --workers out");
      if (compare && test === "mixed") faults.push("--compare is for chat, onboarding, rag and all");
      return faults;
    },
  );
  return { test: test ?? "all", ...options };
}
