import type { Sample } from "./sampler.ts";

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly of: (sample: Sample) => number;
}

const WIDTH = 1_000;
const LEFT = 70;
const PANEL_HEIGHT = 150;
const GAP = 50;

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
  const height = 50 + PANELS.length * (PANEL_HEIGHT + GAP);
  const lastS = samples.at(-1)?.atS ?? 1;
  const x = (atS: number) => LEFT + (atS / lastS) * (WIDTH - LEFT - 20);
  const panels = PANELS.map((panel, index) =>
    drawPanel(panel, samples, 60 + index * (PANEL_HEIGHT + GAP), x),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="24" font-size="16">${title}</text>
${panels.join("\n")}
<text x="${LEFT}" y="${height - 8}" fill="#475569">0 to ${lastS} s; grey: a fault</text>
</svg>
`;
}

function drawPanel(
  { title, series }: (typeof PANELS)[number],
  samples: readonly Sample[],
  top: number,
  x: (atS: number) => number,
): string {
  const most = Math.max(1, ...series.flatMap(({ of }) => samples.map(of)));
  const y = (value: number) => (top + PANEL_HEIGHT * (1 - value / most)).toFixed(1);
  const bands = samples
    .filter(({ fault }) => fault !== "")
    .map(
      ({ atS, fault }) =>
        `<rect x="${x(atS - 1).toFixed(1)}" y="${top}" width="${(x(1) - x(0)).toFixed(1)}" height="${PANEL_HEIGHT}" fill="#e2e8f0"><title>${fault}</title></rect>`,
    );
  const lines = series.map(({ colour, of }) => {
    const points = samples.map((sample) => `${x(sample.atS).toFixed(1)},${y(of(sample))}`).join(" ");
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.2" points="${points}"/>`;
  });
  const legend = series.map(
    ({ name, colour }, index) =>
      `<text x="${LEFT + 160 + index * 200}" y="${top - 8}" fill="${colour}">${name}</text>`,
  );
  return [
    `<text x="${LEFT}" y="${top - 8}">${title}</text>`,
    ...legend,
    ...bands,
    `<line x1="${LEFT}" x2="${x(samples.at(-1)?.atS ?? 1)}" y1="${y(0)}" y2="${y(0)}" stroke="#94a3b8"/>`,
    `<text x="${LEFT - 8}" y="${top + 10}" text-anchor="end">${Math.round(most)}</text>`,
    `<text x="${LEFT - 8}" y="${y(0)}" text-anchor="end">0</text>`,
    ...lines,
  ].join("\n");
}
