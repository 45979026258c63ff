import { CONTESTANTS } from "../clients/index.ts";
import { measureLoad, warmUp } from "../compare/load.ts";
import { entriesFor, MAX, openOperation } from "../compare/throughput.ts";
import type { Column, Work } from "../compare/work.ts";

const LEVELS = [1, 10, 100, 1_000, 10_000];
const MB = 1024 * 1024;

const { entries, leftOut } = entriesFor("pointSelect", [
  "ours",
  "drizzlePg",
  "drizzlePostgresJs",
  "kysely",
  "prisma",
]);

const perLevel = (key: string, title: string, levels = LEVELS): Column[] =>
  levels.map((callers) => ({
    key: `${key}${callers}`,
    title: `${title} ${callers.toLocaleString("en-US")}`,
  }));

const [first, ...others] = perLevel("perSecond", "/s at").toReversed();
if (first === undefined) throw new Error("there are no levels");

export const callers: Work = {
  id: "9",
  title: "1 to 10,000 concurrent callers",
  method: `Point selects by ever more callers over ${MAX} connections, one level after the other in one process. Memory: of the whole process, at the end of a level. Limits on waiting are lifted, for ours the length of the queue too.`,
  better: "more",
  columns: [
    first,
    ...others,
    ...perLevel("p99Ms", "p99 ms at", [100, 10_000]),
    ...perLevel("memoryMb", "MB at", [1, 10_000]),
  ],
  entries,
  leftOut,
  baseline: CONTESTANTS.drizzlePg.title,
  mostRounds: 3,
  series: [
    seriesOf("perSecond", "operations per second"),
    seriesOf("p99Ms", "p99, ms"),
    seriesOf("memoryMb", "memory of the process, MB"),
  ],
  async measure({ entry, options, url }) {
    const crowd = { url, max: MAX, crowd: true };
    const { operation: select, close } = await openOperation(entry, "pointSelect", crowd);
    await warmUp(select, 100, options);
    const figures: Record<string, number> = {};
    for (const level of LEVELS) {
      // Ten thousand callers need a second or two for one answer each.
      const patience = level > 1_000 && !options.quick ? 2 : 1;
      const { perSecond = 0, p99Ms = 0 } = await measureLoad(select, {
        callers: level,
        warmUpMs: options.warmUpMs * patience,
        measureMs: options.measureMs * patience,
      });
      figures[`perSecond${level}`] = perSecond;
      figures[`p99Ms${level}`] = p99Ms;
      figures[`memoryMb${level}`] = process.memoryUsage.rss() / MB;
    }
    await close();
    return figures;
  },
};

function seriesOf(key: string, title: string) {
  return { title: `${title}, by callers`, points: LEVELS.map((at) => ({ at, key: `${key}${at}` })) };
}
