import { type Band, drawPanels, type Panel } from "@openhouse/tooling/measure/panels";
import type { RunReport } from "../measure.ts";

const COLOURS = ["#15803d", "#1d4ed8", "#a16207", "#7e22ce", "#be185d", "#0f766e", "#334155"];
const FAILED = "#b91c1c";

/** A run over time: what was answered and what failed, how long it took, connections, memory. */
export function drawRun(report: RunReport, title: string): string {
  const { generator, connections, portal, restart } = report;
  const shown = generator.operations.filter(({ name }) => !name.includes(","));
  const over = (of: (second: RunReport["generator"]["operations"][number]["seconds"][number]) => number) =>
    shown.map(({ name, seconds }, index) => ({
      name,
      colour: COLOURS[index % COLOURS.length] ?? FAILED,
      points: seconds.map((second, atS) => [atS, of(second)] as const),
    }));
  const longest = Math.max(0, ...shown.map(({ seconds }) => seconds.length));
  const failed = Array.from({ length: longest }, (_, atS) => {
    const count = generator.operations.reduce((sum, { seconds }) => sum + (seconds[atS]?.failed ?? 0), 0);
    return [atS, count] as const;
  });
  const panels: Panel[] = [
    {
      title: "requests per second",
      series: [
        ...over(({ answered }) => answered),
        { name: "failed attempts", colour: FAILED, points: failed },
      ],
    },
    { title: "slowest of the second, ms", series: over(({ maxMs }) => maxMs) },
    {
      title: "connections",
      series: [
        {
          name: "in pg_stat_activity",
          colour: "#1d4ed8",
          points: connections.samples.map(({ atS, total }) => [atS, total] as const),
        },
        {
          name: "callers in the queue",
          colour: FAILED,
          points: portal.figures.map(({ atS, waiting }) => [atS, waiting] as const),
        },
      ],
    },
    {
      title: "portal, MB",
      series: [
        {
          name: "resident",
          colour: "#7e22ce",
          points: portal.figures.map(({ atS, rssMb }) => [atS, rssMb] as const),
        },
        {
          name: "heap",
          colour: "#334155",
          points: portal.figures.map(({ atS, heapMb }) => [atS, heapMb] as const),
        },
      ],
    },
  ];
  const bands: Band[] = restart
    ? [{ fromS: restart.atS, toS: restart.atS + restart.tookMs / 1_000, title: "the database restarts" }]
    : [];
  return drawPanels(title, panels, bands, restart ? "grey: the database restarts" : "no fault");
}
