/** Upper bounds that OpenTelemetry and Prometheus users expect of durations, in milliseconds. */
export const CONVENTIONAL_BOUNDS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000] as const;

/** How many durations there were, by length. */
export interface Histogram {
  /** Upper bounds of the buckets, inclusive, in milliseconds; one more bucket holds what is longer. */
  readonly boundsMs: readonly number[];
  /** How many, by bucket. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

/** From 8 microseconds to 2 minutes, in powers of two of a millisecond: what is shorter or longer nobody has to tell apart. */
const FIRST_OCTAVE = -7;
const END_OCTAVE = 17;
/** Buckets of an octave. The next bound is 9 % above: so exact are the percentiles. */
const STEPS = 8;
/** Cells of equal width that an octave is cut into, so that a duration's bits say in which it is. */
const CELLS = 512;
const CELL_BITS = 14;

/** All of them lie on the edge of a cell. With the conventional ones among them these histograms fold into those exactly. */
export const FINE_BOUNDS_MS: readonly number[] = /* @__PURE__ */ fineBounds();

function fineBounds(): number[] {
  const bounds = new Set<number>(CONVENTIONAL_BOUNDS_MS);
  for (let octave = FIRST_OCTAVE; octave < END_OCTAVE; octave++)
    for (let step = 0; step < STEPS; step++)
      bounds.add(2 ** octave * (1 + Math.round((2 ** (step / STEPS) - 1) * CELLS) / CELLS));
  return [...bounds.add(2 ** END_OCTAVE)].sort((one, other) => one - other);
}

/** A duration as a 32-bit float, and its bits: the exponent is the octave, what follows is the place in it. */
const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** The bits of what is one step of the float below: a bound belongs to the bucket that it ends. */
function cellOf(durationMs: number): number {
  asFloat[0] = durationMs;
  return ((asBits[0] ?? 0) - 1) >> CELL_BITS;
}

const FIRST_CELL = cellOf(2 ** FIRST_OCTAVE) + 1;
/** The bucket of each cell: the logarithm, looked up. */
const BUCKETS = /* @__PURE__ */ bucketsOfCells();

/** Filled bucket by bucket, not looked up cell by cell: done at import, it is part of every process's start. */
function bucketsOfCells(): Uint8Array {
  const buckets = new Uint8Array((END_OCTAVE - FIRST_OCTAVE) * CELLS);
  let start = 0;
  for (const [bucket, boundMs] of FINE_BOUNDS_MS.entries()) {
    const end = cellOf(boundMs) - FIRST_CELL + 1;
    buckets.fill(bucket, start, end);
    start = end;
  }
  return buckets;
}

const LONGEST = FINE_BOUNDS_MS.length;

/** Counts durations; cheap enough for every statement. */
export class DurationHistogram {
  readonly #counts = new Float64Array(FINE_BOUNDS_MS.length + 1);
  #count = 0;
  #sumMs = 0;

  record(durationMs: number): void {
    const cell = cellOf(durationMs) - FIRST_CELL;
    const bucket = cell < 0 ? 0 : (BUCKETS[cell] ?? LONGEST);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sumMs += durationMs;
  }

  snapshot(): Histogram {
    return {
      boundsMs: FINE_BOUNDS_MS,
      counts: Array.from(this.#counts),
      count: this.#count,
      sumMs: this.#sumMs,
    };
  }
}

/** The same durations in wider buckets. @param boundsMs some of the histogram's own, ascending. */
export function foldHistogram(
  histogram: Histogram,
  boundsMs: readonly number[] = CONVENTIONAL_BOUNDS_MS,
): Histogram {
  const counts = new Array<number>(boundsMs.length + 1).fill(0);
  let wide = 0;
  for (const [fine, count] of histogram.counts.entries()) {
    const upperMs = histogram.boundsMs[fine] ?? Number.POSITIVE_INFINITY;
    while (upperMs > (boundsMs[wide] ?? Number.POSITIVE_INFINITY)) wide++;
    counts[wide] = (counts[wide] ?? 0) + count;
  }
  return { boundsMs, counts, count: histogram.count, sumMs: histogram.sumMs };
}

/**
 * How long all but the longest took, in milliseconds, as a bucket's upper bound: at most 9 % too much from 8 microseconds on.
 *
 * @param part such as 0.99.
 * @returns undefined where there were none; Infinity where it was longer than the last bound.
 */
export function quantileMs({ boundsMs, counts, count }: Histogram, part: number): number | undefined {
  if (count === 0) return undefined;
  let left = part * count;
  for (const [bucket, inBucket] of counts.entries()) {
    left -= inBucket;
    if (left <= 0 && inBucket > 0) return boundsMs[bucket] ?? Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}
