/** One part of a chart: lines over a quantity, or bars. */
export type Panel = LinePanel | BarPanel;

export interface LinePanel {
  readonly title: string;
  readonly lines: readonly { readonly name: string; readonly points: readonly Point[] }[];
  /** Over powers of ten. */
  readonly logarithmic?: boolean;
  /** Stretches of the quantity in which something was done. */
  readonly bands?: readonly { readonly from: number; readonly to: number; readonly title: string }[];
}

export interface BarPanel {
  readonly title: string;
  readonly bars: readonly {
    readonly name: string;
    readonly value: number;
    readonly text: string;
    /** Drawn as a thin line. */
    readonly spread?: readonly [lowest: number, highest: number];
  }[];
}

export type Point = readonly [at: number, value: number];

const WIDTH = 560;
const TOP = 36;
/** Where names end and bars begin; where bars end and their figures begin. */
const [BARS_LEFT, BARS_RIGHT, ROW] = [250, WIDTH - 80, 18];
const [PLOT_LEFT, PLOT_RIGHT, PLOT_HEIGHT, LEGEND_ROW] = [64, WIDTH - 170, 130, 16];
/** Points that a line is drawn with: more than the eye can tell apart only make the file long. */
const MOST_POINTS = 150;
const COLOURS = ["#15803d", "#1d4ed8", "#a16207", "#7e22ce", "#be185d", "#0f766e", "#334155"];
/** The same for a name in every chart; other bars are grey, other lines take the next colour. */
const COLOUR_OF = [
  [/^ours/, "#15803d"],
  [/^fail/, "#b91c1c"],
  [/^limit/, "#cbd5e1"],
  [/^(drizzle\()?pg\.Pool/, "#1d4ed8"],
] as const;

/** Small multiples, two beside each other; each panel is one line of the file. */
export function drawChart(title: string, panels: readonly Panel[]): string {
  const drawn: string[] = [];
  let y = 40;
  for (let index = 0; index < panels.length; index += 2) {
    const row = panels.slice(index, index + 2);
    for (const [column, panel] of row.entries())
      drawn.push(`<g transform="translate(${column * WIDTH},${y})">${drawPanel(panel)}</g>`);
    y += Math.max(...row.map(heightOf));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${escapeText(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>${text(16, 26, title, 'font-size="16"')}
${drawn.join("\n")}
</svg>
`;
}

function heightOf(panel: Panel): number {
  const inside =
    "bars" in panel ? panel.bars.length * ROW : Math.max(PLOT_HEIGHT + 18, panel.lines.length * LEGEND_ROW);
  return TOP + inside + 16;
}

function drawPanel(panel: Panel): string {
  const heading = text(16, 22, panel.title, 'font-weight="600"');
  return heading + ("bars" in panel ? drawBars(panel) : drawLines(panel));
}

function drawBars({ bars }: BarPanel): string {
  const values = bars.flatMap(({ value, spread = [] }) => [0, value, ...spread]);
  const [least, most] = [Math.min(...values), Math.max(...values, Number.MIN_VALUE)];
  const x = (value: number) =>
    round(BARS_LEFT + ((value - least) / (most - least)) * (BARS_RIGHT - BARS_LEFT));
  return bars
    .map(({ name, value, text: figure, spread }, index) => {
      const [from, to] = [x(Math.min(0, value)), x(Math.max(0, value))];
      const [top, base] = [TOP + index * ROW, TOP + index * ROW + ROW - 5];
      const thin = spread && line(x(spread[0]), top + 7, x(spread[1]), top + 7, "#0f172a");
      return `${text(BARS_LEFT - 8, base, name, 'text-anchor="end"')}<rect x="${from}" y="${top}" width="${round(Math.max(1, to - from))}" height="${ROW - 4}" fill="${colourOf(name, "#94a3b8")}"/>${thin ?? ""}${text(x(Math.max(0, value, spread?.[1] ?? 0)) + 6, base, figure)}`;
    })
    .join("");
}

function drawLines({ lines, logarithmic = false, bands = [] }: LinePanel): string {
  const all = lines.flatMap(({ points }) => points);
  const scale = (at: number) => (logarithmic ? Math.log10(at) : at);
  const [longest, most] = [
    Math.max(...all.map(([at]) => at), 1),
    Math.max(...all.map(([, value]) => value), 1),
  ];
  const x = (at: number) => round(PLOT_LEFT + (scale(at) / (scale(longest) || 1)) * (PLOT_RIGHT - PLOT_LEFT));
  const [bottom, middle] = [TOP + PLOT_HEIGHT, 'text-anchor="middle"'];
  const y = (value: number) => round(bottom - (value / most) * PLOT_HEIGHT);
  const ticks = logarithmic ? (lines[0]?.points.map(([at]) => at) ?? []) : [0, longest / 2, longest];
  return [
    ...bands.map(
      ({ from, to, title }) =>
        `<rect x="${x(from)}" y="${TOP}" width="${Math.max(1, round(x(to) - x(from)))}" height="${PLOT_HEIGHT}" fill="#e2e8f0"><title>${escapeText(title)}</title></rect>`,
    ),
    line(PLOT_LEFT, bottom, PLOT_RIGHT, bottom, "#94a3b8"),
    text(PLOT_LEFT - 6, TOP + 8, figure(most), 'text-anchor="end"'),
    text(PLOT_LEFT - 6, bottom, "0", 'text-anchor="end"'),
    ...ticks.map((at) => text(x(at), bottom + 16, figure(at), middle)),
    ...lines.map(({ name, points }, index) => {
      const colour = colourOf(name, COLOURS[index % COLOURS.length]);
      const places = thinned(points).map(([at, value]) => `${x(at)},${y(value)}`);
      const legend = text(PLOT_RIGHT + 12, TOP + 8 + index * LEGEND_ROW, name, `fill="${colour}"`);
      return `<polyline fill="none" stroke="${colour}" points="${places.join(" ")}"/>${legend}`;
    }),
  ].join("");
}

/** The highest of each stretch stands for it, so that no failure and no peak is lost. */
function thinned(points: readonly Point[]): Point[] {
  const step = Math.ceil(points.length / MOST_POINTS);
  const highest = (from: number) => Math.max(...points.slice(from, from + step).map(([, value]) => value));
  return points.flatMap(([at], index): Point[] => (index % step === 0 ? [[at, highest(index)]] : []));
}

function colourOf(name: string, otherwise = "#334155"): string {
  return COLOUR_OF.find(([pattern]) => pattern.test(name))?.[1] ?? otherwise;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeText(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

function figure(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value >= 10 ? 0 : 1 });
}

const round = (value: number) => Math.round(10 * value) / 10;
const escapeText = (content: string) => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
