import { drawPanels } from "@openhouse/tooling/measure/panels";
import type { Sample } from "./sampler.ts";

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly of: (sample: Sample) => number;
}

const PANELS: readonly { title: string; series: readonly Series[] }[] = [
  {
    title: "requests per second",
    series: [
      { name: "succeeded", colour: "#15803d", of: ({ succeeded }) => succeeded },
      { name: "failed", colour: "#b91c1c", of: ({ failed }) => failed },
    ],
  },
  {
    title: "waits, ms",
    series: [
      { name: "mean wait for a connection", colour: "#1d4ed8", of: ({ waitMs }) => waitMs },
      { name: "oldest request", colour: "#a16207", of: ({ oldestMs }) => oldestMs },
    ],
  },
  {
    title: "connections",
    series: [
      { name: "total", colour: "#1d4ed8", of: ({ total }) => total },
      { name: "idle", colour: "#15803d", of: ({ idle }) => idle },
      { name: "callers waiting", colour: "#b91c1c", of: ({ waiting }) => waiting },
    ],
  },
  {
    title: "memory and handles",
    series: [
      { name: "heap, MB", colour: "#7e22ce", of: ({ heapMb }) => heapMb },
      { name: "handles", colour: "#334155", of: ({ handles }) => handles },
    ],
  },
];

/** The run as four panels over time; grey bands are faults. */
export function drawRun(samples: readonly Sample[], title: string): string {
  const panels = PANELS.map((panel) => ({
    title: panel.title,
    series: panel.series.map(({ name, colour, of }) => ({
      name,
      colour,
      points: samples.map((sample) => [sample.atS, of(sample)] as const),
    })),
  }));
  const bands = samples
    .filter(({ fault }) => fault !== "")
    .map(({ atS, fault }) => ({ fromS: atS - 1, toS: atS, title: fault }));
  return drawPanels(title, panels, bands, "grey: a fault");
}
