import { createHistogram } from "node:perf_hooks";
import type { OperationResult, Second } from "../results.ts";
import type { Failure } from "./failure.ts";

const LONGEST_US = 600_000_000;

/** An HDR histogram of times in milliseconds. */
export function latencyHistogram() {
  const histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
  const ms = (us: number) => (histogram.count === 0 ? 0 : us / 1_000);
  return {
    record: (tookMs: number) =>
      histogram.record(Math.max(1, Math.min(LONGEST_US, Math.round(tookMs * 1_000)))),
    percentileMs: (percent: number) => ms(histogram.percentile(percent)),
    latency: () => ({
      meanMs: ms(histogram.mean),
      p50Ms: ms(histogram.percentile(50)),
      p95Ms: ms(histogram.percentile(95)),
      p99Ms: ms(histogram.percentile(99)),
      maxMs: ms(histogram.max),
    }),
  };
}

/** One kind of request, and what became of them: counts, and the latency of those that were answered well. */
export class Operation {
  readonly name: string;
  readonly #latency = latencyHistogram();
  readonly #seconds: Second[] = [];
  readonly #startedAtMs: number;
  #asked = 0;
  #atOnce = 0;
  #answered = 0;
  #lost = 0;
  readonly #errors: Record<string, number> = {};
  readonly #unclean: Record<string, number> = {};

  constructor(name: string, startedAtMs: number) {
    this.name = name;
    this.#startedAtMs = startedAtMs;
  }

  /** For the line on screen. */
  progress() {
    const failed = Object.values(this.#errors).reduce((sum, each) => sum + each, 0);
    const underWay = this.#asked - this.#answered - this.#lost;
    return { name: this.name, asked: this.#asked, answered: this.#answered, failed, underWay };
  }

  begin(): void {
    this.#asked++;
  }

  /** @param sinceMs where the latency counts from: the intended start. */
  succeed(sinceMs: number, attempts: number): void {
    const tookMs = performance.now() - sinceMs;
    this.#answered++;
    if (attempts === 1) this.#atOnce++;
    this.#latency.record(tookMs);
    const second = this.#second();
    second.answered++;
    second.maxMs = Math.max(second.maxMs, tookMs);
  }

  /** An attempt that failed, whether or not another follows. */
  fail({ kind, retryAfterMs }: Failure): void {
    this.#errors[kind] = (this.#errors[kind] ?? 0) + 1;
    if (retryAfterMs === undefined) this.#unclean[kind] = (this.#unclean[kind] ?? 0) + 1;
    this.#second().failed++;
  }

  /** No further attempt follows. */
  lose(): void {
    this.#lost++;
  }

  result(seconds: number): OperationResult {
    return {
      name: this.name,
      asked: this.#asked,
      answeredAtOnce: this.#atOnce,
      answered: this.#answered,
      errors: this.#errors,
      unclean: this.#unclean,
      latency: this.#latency.latency(),
      perSecond: this.#answered / seconds,
      seconds: this.#seconds,
    };
  }

  /** The one that it is now; those in which nothing was answered are there, too. */
  #second(): Second {
    const index = Math.max(0, Math.floor((performance.now() - this.#startedAtMs) / 1_000));
    while (this.#seconds.length <= index) this.#seconds.push({ answered: 0, failed: 0, maxMs: 0 });
    return this.#seconds[index] ?? { answered: 0, failed: 0, maxMs: 0 };
  }
}
