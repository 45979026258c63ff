import type { Sample } from "./sampler.ts";

const COLUMNS: readonly [name: string, width: number, of: (sample: Sample) => string | number][] = [
  ["s", 5, ({ atS }) => atS],
  ["ok/s", 6, ({ succeeded }) => succeeded],
  ["failed/s", 9, ({ failed }) => failed],
  ["wait ms", 8, ({ waitMs }) => waitMs.toFixed(1)],
  ["oldest ms", 10, ({ oldestMs }) => oldestMs],
  ["total", 6, ({ total }) => total],
  ["idle", 5, ({ idle }) => idle],
  ["waiting", 8, ({ waiting }) => waiting],
  ["closing", 8, ({ closing }) => closing],
  ["heap MB", 8, ({ heapMb }) => heapMb.toFixed(1)],
  ["handles", 8, ({ handles }) => handles],
  ["  fault", 0, ({ fault }) => `  ${fault}`],
];
export const HEADING = COLUMNS.map(([name, width]) => name.padStart(width)).join("");

/** A second, as a line of the live table. */
export function lineOf(sample: Sample): string {
  return COLUMNS.map(([, width, of]) => String(of(sample)).padStart(width)).join("");
}
