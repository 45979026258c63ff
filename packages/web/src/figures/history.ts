import { addReading, RANGES, type RangeName, type Reading } from "./reading.ts";

const SECONDS = { spanMs: 3_600_000, bucketMs: 1_000 };

/** The last hour by seconds, and the last day by minutes; what is older goes. */
export class History {
  readonly #seconds: Reading[] = [];
  readonly #minutes: Reading[] = [];

  add(reading: Reading): void {
    addReading(this.#seconds, reading, SECONDS);
    addReading(this.#minutes, reading, RANGES["24h"]);
  }

  /** The readings of the last milliseconds, the oldest first. */
  last(spanMs: number): readonly Reading[] {
    const fromMs = (this.#seconds.at(-1)?.atMs ?? 0) - spanMs;
    return this.#seconds.slice(this.#seconds.findIndex(({ atMs }) => atMs > fromMs));
  }

  /** As a chart of that range shows them. */
  of(name: RangeName): readonly Reading[] {
    if (name === "24h") return [...this.#minutes];
    const readings: Reading[] = [];
    for (const reading of this.last(RANGES[name].spanMs)) addReading(readings, reading, RANGES[name]);
    return readings;
  }
}
