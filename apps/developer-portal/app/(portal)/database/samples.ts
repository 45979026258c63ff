import type { DatabaseFigures } from "@openhouse/web/database-figures";

/** How much of the past is shown, in milliseconds. */
export const WINDOW_MS = 3 * 60_000;
/** Two samples farther apart than this have a gap between them: nobody looked, so nothing is drawn. */
const GAP_MS = 5_000;

export interface Sample extends DatabaseFigures {
  /** When the figures arrived, in milliseconds since 1970. */
  atMs: number;
}

/** The samples with a new one at their end, those older than the window left out. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS), sample];
}

const SHORT_WINDOW_MS = 60_000;

/** How far back the chart reaches: a minute at first, so that the beginning is not lost in an empty frame. */
export function shownMs(samples: readonly Sample[]): number {
  const oldestMs = samples[0]?.atMs ?? 0;
  const newestMs = samples.at(-1)?.atMs ?? 0;
  return newestMs - oldestMs <= SHORT_WINDOW_MS ? SHORT_WINDOW_MS : WINDOW_MS;
}

/** One moment of the chart; without figures where nobody looked. */
export interface ChartPoint {
  /** Milliseconds before the newest sample, negative. */
  offsetMs: number;
  used?: number;
  idle?: number;
  waiting?: number;
}

/** The samples as the chart draws them, with a break in the lines where there is a gap. */
export function chartPoints(samples: readonly Sample[]): ChartPoint[] {
  const newestMs = samples.at(-1)?.atMs ?? 0;
  return samples.flatMap(({ atMs, used, idle, waiting }, index) => {
    const previousMs = samples[index - 1]?.atMs ?? atMs;
    const point = { offsetMs: atMs - newestMs, used, idle, waiting };
    return atMs - previousMs > GAP_MS ? [{ offsetMs: previousMs - newestMs + 1 }, point] : [point];
  });
}

/** Lowest and highest value that a figure had within the samples. */
export function range(samples: readonly Sample[], figure: (sample: Sample) => number) {
  const values = samples.map(figure);
  return { lowest: Math.min(...values), highest: Math.max(...values) };
}
