import { createHistogram } from "node:perf_hooks";
import type { Latency, OperationResult, Second } from "../results.ts";
import type { Failure } from "./failure.ts";

const LONGEST_US = 600_000_000;

/** One kind of request, and what became of them: counts, and an HDR histogram of those that were answered well. */
export class Operation {
  readonly name: string;
  readonly #latency = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
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

  get asked(): number {
    return this.#asked;
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
    const nowMs = performance.now();
    const tookMs = nowMs - sinceMs;
    this.#answered++;
    if (attempts === 1) this.#atOnce++;
    this.#latency.record(Math.max(1, Math.min(LONGEST_US, Math.round(tookMs * 1_000))));
    const second = this.#secondOf(nowMs);
    second.answered++;
    second.maxMs = Math.max(second.maxMs, tookMs);
    second.sumMs += tookMs;
  }

  /** An attempt that failed, whether or not another follows. */
  fail({ kind, retryAfterMs }: Failure): void {
    this.#errors[kind] = (this.#errors[kind] ?? 0) + 1;
    if (retryAfterMs === undefined) this.#unclean[kind] = (this.#unclean[kind] ?? 0) + 1;
    this.#secondOf(performance.now()).failed++;
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
      latency: this.#percentiles(),
      perSecond: this.#answered / seconds,
      seconds: Array.from(this.#seconds, (second) => second ?? emptySecond()),
    };
  }

  #percentiles(): Latency {
    const ms = (us: number) => us / 1_000;
    const histogram = this.#latency;
    if (histogram.count === 0) return { meanMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };
    return {
      meanMs: ms(histogram.mean),
      p50Ms: ms(histogram.percentile(50)),
      p95Ms: ms(histogram.percentile(95)),
      p99Ms: ms(histogram.percentile(99)),
      maxMs: ms(histogram.max),
    };
  }

  #secondOf(nowMs: number): Second {
    const index = Math.max(0, Math.floor((nowMs - this.#startedAtMs) / 1_000));
    const second = this.#seconds[index] ?? emptySecond();
    this.#seconds[index] = second;
    return second;
  }
}

function emptySecond(): Second {
  return { answered: 0, failed: 0, maxMs: 0, sumMs: 0 };
}
