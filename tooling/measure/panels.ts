export interface PanelSeries {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [atS: number, value: number])[];
}

export interface Panel {
  readonly title: string;
  readonly series: readonly PanelSeries[];
}

/** A stretch of time in which something was done to the server. */
export interface Band {
  readonly fromS: number;
  readonly toS: number;
  readonly title: string;
}

const WIDTH = 1_000;
const LEFT = 70;
const RIGHT = WIDTH - 20;
const PANEL_HEIGHT = 150;
const GAP = 50;
const LEGEND_LEFT = LEFT + 160;
const LEGEND_WIDTH = 200;

/** A run as panels over time, one below the other; grey bands are what was done to it. */
export function drawPanels(
  title: string,
  panels: readonly Panel[],
  bands: readonly Band[],
  footnote: string,
): string {
  const height = 50 + panels.length * (PANEL_HEIGHT + GAP);
  const lastS = Math.max(
    1,
    ...panels.flatMap(({ series }) => series.map(({ points }) => points.at(-1)?.[0] ?? 0)),
  );
  const x = (atS: number) => LEFT + (atS / lastS) * (RIGHT - LEFT);
  const drawn = panels.map((panel, index) => drawPanel(panel, bands, 60 + index * (PANEL_HEIGHT + GAP), x));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="24" font-size="16">${title}</text>
${drawn.join("\n")}
<text x="${LEFT}" y="${height - 8}" fill="#475569">0 to ${Math.round(lastS)} s; ${footnote}</text>
</svg>
`;
}

function drawPanel(
  { title, series }: Panel,
  bands: readonly Band[],
  top: number,
  x: (atS: number) => number,
): string {
  let most = 1;
  for (const { points } of series) for (const [, value] of points) most = Math.max(most, value);
  const y = (value: number) => (top + PANEL_HEIGHT * (1 - value / most)).toFixed(1);
  const shaded = bands.map(
    ({ fromS, toS, title: name }) =>
      `<rect x="${x(fromS).toFixed(1)}" y="${top}" width="${Math.max(1, x(toS) - x(fromS)).toFixed(1)}" height="${PANEL_HEIGHT}" fill="#e2e8f0"><title>${name}</title></rect>`,
  );
  const lines = series.map(({ colour, points }) => {
    const places = points.map(([atS, value]) => `${x(atS).toFixed(1)},${y(value)}`).join(" ");
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.2" points="${places}"/>`;
  });
  const legend = series.map(
    ({ name, colour }, index) =>
      `<text x="${LEGEND_LEFT + index * LEGEND_WIDTH}" y="${top - 8}" fill="${colour}">${name}</text>`,
  );
  return [
    `<text x="${LEFT}" y="${top - 8}">${title}</text>`,
    ...legend,
    ...shaded,
    `<line x1="${LEFT}" x2="${RIGHT}" y1="${y(0)}" y2="${y(0)}" stroke="#94a3b8"/>`,
    `<text x="${LEFT - 8}" y="${top + 10}" text-anchor="end">${most >= 10 ? Math.round(most) : most.toFixed(1)}</text>`,
    `<text x="${LEFT - 8}" y="${y(0)}" text-anchor="end">0</text>`,
    ...lines,
  ].join("\n");
}
