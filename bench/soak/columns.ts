import { drawChart } from "@openhouse/tooling/measure/chart";
import type { Sample } from "./sampler.ts";

type Column = readonly [name: string, width: number, of: (sample: Sample) => number, digits?: number];

/** What is shown of each second: on screen side by side, in the chart a panel for each group. */
const GROUPS: readonly (readonly [title: string, columns: readonly Column[]])[] = [
  [
    "requests per second",
    [
      ["ok/s", 6, ({ succeeded }) => succeeded],
      ["failed/s", 9, ({ failed }) => failed],
    ],
  ],
  [
    "mean wait for a connection, and age of the oldest request",
    [
      ["wait ms", 8, ({ waitMs }) => waitMs, 1],
      ["oldest ms", 10, ({ oldestMs }) => oldestMs],
    ],
  ],
  [
    "connections, and callers that wait",
    [
      ["total", 6, ({ total }) => total],
      ["idle", 5, ({ idle }) => idle],
      ["waiting", 8, ({ waiting }) => waiting],
      ["closing", 8, ({ closing }) => closing],
    ],
  ],
  [
    "memory and handles",
    [
      ["heap MB", 8, ({ heapMb }) => heapMb, 1],
      ["handles", 8, ({ handles }) => handles],
    ],
  ],
];
const COLUMNS = GROUPS.flatMap(([, columns]) => columns);

export const HEADING = `    s${COLUMNS.map(([name, width]) => name.padStart(width)).join("")}  fault`;

/** A second, as a line of the live table. */
export function lineOf(sample: Sample): string {
  const cells = COLUMNS.map(([, width, of, digits]) => of(sample).toFixed(digits).padStart(width));
  return `${String(sample.atS).padStart(5)}${cells.join("")}  ${sample.fault}`;
}

/** The run over time; grey bands are faults. */
export function chartOf(samples: readonly Sample[], title: string): string {
  const bands = samples
    .filter(({ fault }) => fault !== "")
    .map(({ atS, fault }) => ({ from: atS - 1, to: atS, title: fault }));
  const panels = GROUPS.map(([panel, columns]) => ({
    title: panel,
    bands,
    lines: columns.map(([name, , of]) => ({
      name,
      points: samples.map((sample) => [sample.atS, of(sample)] as const),
    })),
  }));
  return drawChart(`${title} (seconds; grey: a fault)`, panels);
}
