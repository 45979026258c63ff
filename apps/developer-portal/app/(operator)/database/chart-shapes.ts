import type { Reading } from "@openhouse/web/figures/reading";

/** Units of the drawing from side to side; it is stretched to whatever width there is. */
export const WIDTH = 1_000;
/** So many missing readings are a hole: nothing is drawn where nothing is known. */
const HOLE = 3;

/** The stretch of time that a chart shows. */
export interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  /** Between two readings. */
  readonly bucketMs: number;
}

export function xOf(atMs: number, { fromMs, toMs }: Frame): number {
  return round(((atMs - fromMs) / (toMs - fromMs)) * WIDTH);
}

/** Readings that follow one another without a hole. */
export function runsOf(readings: readonly Reading[], { bucketMs }: Frame): Reading[][] {
  const runs: Reading[][] = [];
  for (const reading of readings) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run === undefined || before === undefined || reading.atMs - before.atMs > HOLE * bucketMs)
      runs.push([reading]);
    else run.push(reading);
  }
  return runs;
}

/** A line in steps through a run. @param yOf of the drawing, 0 at the top; null breaks the line. */
export function lineOf(
  run: readonly Reading[],
  frame: Frame,
  yOf: (reading: Reading) => number | null,
): string {
  let path = "";
  let isDrawing = false;
  for (const [index, reading] of run.entries()) {
    const y = yOf(reading);
    if (y !== null)
      path += `${isDrawing ? "V" : `M${xOf(reading.atMs, frame)} `}${round(y)}H${endOf(run, index, frame)}`;
    isDrawing = y !== null;
  }
  return path;
}

/** What lies between two such lines. */
export function areaOf(
  run: readonly Reading[],
  frame: Frame,
  topOf: (reading: Reading) => number,
  bottomOf: (reading: Reading) => number,
): string {
  const back = [...run.entries()]
    .reverse()
    .map(([index, reading]) => `V${round(bottomOf(reading))}H${xOf(run[index]?.atMs ?? 0, frame)}`)
    .join("");
  return `${lineOf(run, frame, topOf)}${back}Z`;
}

/** Where it was so, as stretches from left to right. */
export function bandsOf(
  readings: readonly Reading[],
  frame: Frame,
  isSo: (reading: Reading) => boolean,
): { x: number; width: number }[] {
  return runsOf(readings.filter(isSo), { ...frame, bucketMs: frame.bucketMs / 2 }).map((run) => {
    const x = xOf(run[0]?.atMs ?? 0, frame);
    return { x, width: round(endOf(run, run.length - 1, frame) - x) };
  });
}

/** A reading holds until the next one, and the last of a run for as long as one does. */
function endOf(run: readonly Reading[], index: number, frame: Frame): number {
  const atMs = run[index + 1]?.atMs ?? (run[index]?.atMs ?? 0) + frame.bucketMs;
  return Math.min(WIDTH, xOf(atMs, frame));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
