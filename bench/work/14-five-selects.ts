import type { OperationName } from "../clients/client.ts";
import { CONTESTANTS, type ContestantName, contestant } from "../clients/index.ts";
import { measureLoad, warmUp } from "../compare/load.ts";
import { entriesFor, MAX, THROUGHPUT, times } from "../compare/throughput.ts";
import type { Entry, Goal, Job, Session, Work } from "../compare/work.ts";

const { ours } = CONTESTANTS;
const NAMES: readonly ContestantName[] = [
  "ours",
  "drizzlePg",
  "drizzlePostgresJs",
  "kysely",
  "prisma",
  "rawPg",
  "rawPostgresJs",
];

const ONE_BY_ONE: Entry = { title: "ours, one by one", client: "ours", variant: "pageOneByOne" };
const AT_ONCE: Entry = { title: "ours, Promise.all", client: "ours", variant: "pageAtOnce" };
const SIGNED: Entry = { title: "ours, signed tenant", client: "ours", variant: "signedPage" };
const VARIANTS: Readonly<Record<string, OperationName>> = {
  pageOneByOne: "pageOneByOne",
  pageAtOnce: "pageAtOnce",
  signedPage: "signedPage",
};

const goal = (what: string, key: string, one: string, other: string, wanted: number): Goal => ({
  what,
  wanted,
  better: key === "perSecond" ? "more" : "less",
  of: times(key, one, other),
});

/** By delay in milliseconds and callers, as `5-20`. */
const GOALS: Readonly<Record<string, readonly Goal[]>> = {
  "0-20": [goal("batch to Promise.all", "perSecond", ours.title, AT_ONCE.title, 1)],
  "0-200": [goal("batch to Promise.all", "perSecond", ours.title, AT_ONCE.title, 1)],
  "5-20": [
    goal("latency of the batch to one by one", "p50Ms", ours.title, ONE_BY_ONE.title, 0.25),
    goal("latency of the batch to Promise.all", "p50Ms", ours.title, AT_ONCE.title, 1.3),
    goal("connections of the batch to Promise.all", "acquires", ours.title, AT_ONCE.title, 0.2),
  ],
  "5-200": [
    goal("batch to one by one", "perSecond", ours.title, ONE_BY_ONE.title, 3.5),
    goal("batch to Promise.all", "perSecond", ours.title, AT_ONCE.title, 3.5),
  ],
};

/** One for each distance and number of callers. */
export const fiveSelects: readonly Work[] = [0, 1, 5].flatMap((delayMs) =>
  [20, 200].map((callers) => five(delayMs, callers)),
);

function five(delayMs: number, callers: number): Work {
  const { entries, leftOut } = entriesFor("tenantPage", NAMES);
  const place = delayMs === 0 ? "on loopback" : `${delayMs} ms from the server`;
  return {
    id: `14-${delayMs}-${callers}`,
    title: `five tenant-scoped selects, ${place}, ${callers} callers`,
    method: `Five selects of one tenant that do not depend on each other, as a page makes them; per second: pages. Ours: \`scoped({ … }).batch([…])\`, and the same queries awaited one after the other or with \`Promise.all\`. The others as is usual with them: a transaction with \`set_config(…, true)\`; Prisma's \`$transaction([…])\`; raw postgres.js pipelined in \`sql.begin\`. ${MAX} connections${delayMs === 0 ? "" : "; the proxy runs in the bench's own process, which measures nothing meanwhile"}. Acquires: how often a page takes a connection.`,
    better: "more",
    columns: [...THROUGHPUT, { key: "acquires", title: "acquires", digits: 1 }],
    baseline: ONE_BY_ONE.title,
    mostRounds: 3,
    entries: [...entries, ONE_BY_ONE, AT_ONCE, SIGNED].map((entry) =>
      delayMs === 0 ? entry : { ...entry, delayMs },
    ),
    leftOut,
    goals: GOALS[`${delayMs}-${callers}`] ?? [],
    ahead: {
      "raw postgres.js":
        "It has no query builder, and its statements go out without waiting for an answer, BEGIN and COMMIT apart.",
    },
    begin: (job) => begin(job, callers),
  };
}

async function begin({ entry, options, url }: Job, callers: number): Promise<Session> {
  const { title, client, variant } = entry;
  if (client === undefined) throw new Error(`${title} is no client`);
  const { open } = await contestant(client).load();
  const { operations, close, acquired } = await open({ url, max: MAX, manyCallers: true });
  const operation = operations[VARIANTS[variant ?? ""] ?? "tenantPage"];
  if (operation === undefined) throw new Error(`${title} does not do this`);
  if ((await operation(1)).length === 0) throw new Error(`${title} got no row: it does not do the work`);
  await warmUp(operation, callers, options);
  return {
    async round() {
      let pages = 0;
      const before = acquired?.() ?? Number.NaN;
      const counted = (n: number) => {
        pages++;
        return operation(n);
      };
      const figures = await measureLoad(counted, { callers, ...options });
      return acquired === undefined ? figures : { ...figures, acquires: (acquired() - before) / pages };
    },
    end: close,
  };
}
