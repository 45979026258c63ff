import { processGlobal } from "@openhouse/pool/process";

/** Whoever was refused longest ago is forgotten first: they are asked about in the database again, which knows. */
const MAX_REMEMBERED = 10_000;

/** What is let through to be asked about all the same. */
export interface Looks {
  /** At once. */
  readonly burst: number;
  /** One more after so many milliseconds. */
  readonly everyMs: number;
}

interface Refusal {
  /** When the allowance is there again, as `performance.now()` tells it. */
  readonly untilMs: number;
  readonly looks: Looks;
  looksLeft: number;
  countedAtMs: number;
}

/**
 * Who is over an allowance, as far as this process has heard: they are refused before the first statement. A few looks are
 * let through, however many are tried, because the database counts for all processes, and may have been told to forget.
 */
export class Refusals {
  readonly #known = new Map<string, Refusal>();
  readonly #max: number;

  constructor(max = MAX_REMEMBERED) {
    this.#max = max;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Notes that somebody was refused, who took a look with that. @returns whether this was not known. */
  remember(key: string, forMs: number, looks: Looks): boolean {
    if (this.#find(key) !== undefined) return false;
    const now = performance.now();
    this.#known.set(key, { untilMs: now + forMs, looks, looksLeft: looks.burst - 1, countedAtMs: now });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#max) break;
      this.#known.delete(oldest);
    }
    return true;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  clear(): void {
    this.#known.clear();
  }

  knows(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** How long until the allowance is there again, in milliseconds; 0 where a look is left, or nothing is known. */
  msLeft(key: string): number {
    const refusal = this.#find(key);
    if (refusal === undefined || looksOf(refusal) >= 1) return 0;
    return refusal.untilMs - performance.now();
  }

  /** `msLeft`, and takes the look where there is one. */
  admit(key: string): number {
    const left = this.msLeft(key);
    const refusal = this.#known.get(key);
    if (left === 0 && refusal !== undefined) {
      refusal.looksLeft = looksOf(refusal) - 1;
      refusal.countedAtMs = performance.now();
    }
    return left;
  }

  #find(key: string): Refusal | undefined {
    const refusal = this.#known.get(key);
    if (refusal === undefined || refusal.untilMs > performance.now()) return refusal;
    this.#known.delete(key);
    return undefined;
  }
}

function looksOf({ looks, looksLeft, countedAtMs }: Refusal): number {
  return Math.min(looks.burst, looksLeft + (performance.now() - countedAtMs) / looks.everyMs);
}

/** One for the process, however many copies of this module it has. */
export const refusals = processGlobal("web/refusals", () => new Refusals());
