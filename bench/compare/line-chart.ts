import { colourOf, escapeText, frame, WIDTH } from "./chart-parts.ts";
import { format } from "./figures.ts";
import type { Series } from "./work.ts";

export interface Line {
  readonly title: string;
  /** By point; undefined where nothing was measured. */
  readonly values: readonly (number | undefined)[];
}

const PLOT = { left: 80, right: WIDTH - 240, top: 50, bottom: 270 };

/** Lines over a logarithmic axis: the points of a series are powers of ten apart. Upright it is linear. */
export function drawLines(
  heading: string,
  { title, across, points }: Series,
  lines: readonly Line[],
): string {
  const { left, right, top, bottom } = PLOT;
  const most = Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const last = Math.log10(points.at(-1)?.at ?? 10) || 1;
  const x = (at: number) => left + (Math.log10(at) / last) * (right - left);
  const y = (value: number) => bottom - (value / most) * (bottom - top);
  const axis = points.map(
    ({ at }) =>
      `<text x="${x(at).toFixed(1)}" y="${bottom + 18}" text-anchor="middle" fill="#475569">${format(at)}</text>`,
  );
  const drawn = lines.map((line, index) => {
    const shown = points.flatMap(({ at }, point) => {
      const value = line.values[point];
      return value === undefined ? [] : [`${x(at).toFixed(1)},${y(value).toFixed(1)}`];
    });
    const colour = colourOf(line.title);
    const width = line.title === "ours" ? 3 : 1.5;
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="${width}" points="${shown.join(" ")}"/>`,
      `<text x="${right + 20}" y="${top + 12 + index * 20}" fill="${colour}">${escapeText(line.title)}</text>`,
    ].join("\n");
  });
  return frame(`${heading}: ${title}`, bottom + 44, [
    `<line x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="#94a3b8"/>`,
    `<text x="${left - 8}" y="${top + 4}" text-anchor="end">${format(most)}</text>`,
    `<text x="${left - 8}" y="${bottom}" text-anchor="end">0</text>`,
    ...axis,
    `<text x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle" fill="#475569">${escapeText(across)}</text>`,
    ...drawn,
  ]);
}
