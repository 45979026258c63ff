import type { OperationName } from "../clients/client.ts";
import { CONTESTANTS } from "../clients/index.ts";
import { INSERTED } from "../clients/rows.ts";
import { median } from "../compare/figures.ts";
import { MAX, openOperation, times } from "../compare/throughput.ts";
import type { Entry, Job, Session, Work } from "../compare/work.ts";

const { ours } = CONTESTANTS;

const WAYS = {
  "one by one": "insertOneByOne",
  "one statement": "insertManyRows",
  "one flight": "insertBatch",
} as const satisfies Record<string, OperationName>;
type Way = keyof typeof WAYS;

const entry = (title: string, client: Entry["client"] & {}, variant: Way): Entry => ({
  title,
  client,
  variant,
});

const ENTRIES: readonly Entry[] = [
  entry(ours.title, "ours", "one flight"),
  entry("ours, one by one", "ours", "one by one"),
  entry("ours, one statement", "ours", "one statement"),
  entry("drizzle(pg.Pool), one by one", "drizzlePg", "one by one"),
  entry("drizzle(pg.Pool), one statement", "drizzlePg", "one statement"),
  entry("Kysely(pg.Pool), one statement", "kysely", "one statement"),
  entry("Prisma 7, createManyAndReturn", "prisma", "one statement"),
  entry("raw postgres.js, pipelined", "rawPostgresJs", "one flight"),
];

/** How often in a round. */
const TIMES = 3;

/** One for each distance. */
export const manyInserts: readonly Work[] = [0, 1].map((delayMs) => ({
  id: `17-${delayMs}`,
  title: `${INSERTED.toLocaleString("en-US")} inserts by one caller, ${delayMs === 0 ? "on loopback" : `${delayMs} ms from the server`}`,
  method: `One caller inserts ${INSERTED.toLocaleString("en-US")} rows with \`returning\`: with a statement for each, awaited one after the other; with one statement of as many rows; and with a statement for each in one flight, which is \`db.batch([…])\` of ours and a pipeline in \`sql.begin\` of postgres.js. The median of ${TIMES} in each round.`,
  better: "less",
  columns: [{ key: "ms", title: "ms", digits: 1 }],
  baseline: "drizzle(pg.Pool), one by one",
  mostRounds: 3,
  entries: delayMs === 0 ? ENTRIES : ENTRIES.map((each) => ({ ...each, delayMs })),
  goals:
    delayMs === 0
      ? []
      : [
          {
            what: "one by one to the batch, ours",
            wanted: 8,
            better: "more",
            of: times("ms", "ours, one by one", ours.title),
          },
        ],
  ahead: {
    "ours, one statement": "One statement is parsed, planned and answered once.",
    "drizzle(pg.Pool), one statement": "One statement is parsed, planned and answered once.",
    "Kysely(pg.Pool), one statement": "One statement is parsed, planned and answered once.",
    "raw postgres.js, pipelined": "It has no query builder, which is most of what a batch costs the client.",
  },
  begin,
}));

async function begin({ entry, url }: Job): Promise<Session> {
  const way = entry.variant as Way;
  const { operation, close } = await openOperation(entry, WAYS[way], { url, max: MAX });
  for (let warm = 0; warm < TIMES; warm++) await operation(warm);
  return {
    async round() {
      const tookMs: number[] = [];
      for (let each = 0; each < TIMES; each++) {
        const sinceMs = performance.now();
        await operation(each);
        tookMs.push(performance.now() - sinceMs);
      }
      return { ms: median(tookMs) };
    },
    end: close,
  };
}
