import { colourOf, escapeText, frame, LEFT, WIDTH } from "./chart-parts.ts";
import { format, type Summary } from "./figures.ts";

export interface Bar {
  readonly title: string;
  readonly summary: Summary;
}

const ROW = 26;
const TOP = 56;
const RIGHT = 90;

/** Medians as bars, in the order given; the thin line goes from the lowest to the highest round. */
export function drawBars(title: string, unit: string, bars: readonly Bar[], digits = 0): string {
  const most = Math.max(...bars.map(({ summary }) => summary.highest), Number.MIN_VALUE);
  const least = Math.min(0, ...bars.map(({ summary }) => summary.lowest));
  const x = (value: number) => LEFT + ((value - least) / (most - least)) * (WIDTH - LEFT - RIGHT);
  const rows = bars.map(({ title: name, summary: { median, lowest, highest } }, index) => {
    const y = TOP + index * ROW;
    const middle = y + ROW / 2;
    const [from, to] = [Math.min(x(0), x(median)), Math.max(x(0), x(median))];
    return [
      `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${escapeText(name)}</text>`,
      `<rect x="${from.toFixed(1)}" y="${y + 4}" width="${Math.max(1, to - from).toFixed(1)}" height="${ROW - 8}" fill="${colourOf(name)}"/>`,
      `<line x1="${x(lowest).toFixed(1)}" x2="${x(highest).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#0f172a"/>`,
      `<text x="${(x(Math.max(highest, median, 0)) + 6).toFixed(1)}" y="${middle + 4}">${format(median, digits)}</text>`,
    ].join("\n");
  });
  return frame(title, TOP + bars.length * ROW + 14, [
    `<text x="${LEFT}" y="44" fill="#475569">${escapeText(unit)}; the line goes from the lowest to the highest round</text>`,
    ...rows,
  ]);
}
