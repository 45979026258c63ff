import { setTimeout as sleep } from "node:timers/promises";
import { abortReason } from "./async/on-abort.ts";
import { classifyError } from "./errors/classify.ts";
import { Attempt } from "./query/attempt.ts";

export interface RetryOptions {
  /** Runs at most this many times. Minimum 1. @default 5 */
  attempts?: number;
  /** Whether running `work` twice does no harm. Only then is it run again after its connection was lost. @default false */
  idempotent?: boolean;
  /** Ends the waiting between attempts. */
  signal?: AbortSignal;
}

/** First and longest wait between attempts, in milliseconds. A serialization conflict passes faster than an outage. */
const BACKOFF_MS = {
  transaction: { first: 10, longest: 1_000 },
  not_sent: { first: 50, longest: 2_000 },
  connection_lost: { first: 50, longest: 2_000 },
} as const;

export interface RetryStats {
  readonly retries: number;
  readonly refused: number;
  readonly tokens: number;
}

/**
 * Tokens that all retries of a pool share: during an outage retries stop, instead of multiplying the load.
 * Figures of the AWS SDKs' standard retry mode.
 */
export class RetryBudget {
  static readonly CAPACITY = 500;
  static readonly RETRY_COST = 5;
  #tokens = RetryBudget.CAPACITY;
  #retries = 0;
  #refused = 0;

  /** Pays for one retry. @returns false when there is nothing left to pay with. */
  spend(): boolean {
    if (this.#tokens < RetryBudget.RETRY_COST) {
      this.#refused++;
      return false;
    }
    this.#tokens -= RetryBudget.RETRY_COST;
    this.#retries++;
    return true;
  }

  /** Retries ever, those that the budget has refused, and the tokens that are left of {@link CAPACITY}. */
  getStats(): RetryStats {
    return { retries: this.#retries, refused: this.#refused, tokens: this.#tokens };
  }

  /** A success gives one token back. */
  refund(): void {
    this.#tokens = Math.min(RetryBudget.CAPACITY, this.#tokens + 1);
  }
}

/**
 * Runs `work` again where that is safe, with exponential backoff and full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * Run again: when no connection was had; after a serialization failure or deadlock (40001, 40P01), so let `work` be a whole
 * transaction; after a lost connection only where `idempotent`. Work that is not is run again only where nothing that it has
 * sent by then can have been kept: its statements are followed, those of a `Client` class of one's own excepted. What is safe
 * is decided by SQLSTATE and error code. A commit whose outcome is unknown is never run again.
 *
 * @throws the error of the last attempt, as it is; the signal's reason, where it aborts between two.
 */
export async function withRetry<T>(
  work: () => Promise<T>,
  budget: RetryBudget,
  { attempts = 5, idempotent = false, signal }: RetryOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const attempted = new Attempt();
    try {
      const result = await attempted.during(work);
      budget.refund();
      return result;
    } catch (error) {
      const { retry } = classifyError(error);
      if (retry === "never") throw error;
      const mayBeTwice = () => !idempotent && attempted.mayHaveKept;
      if (mayBeTwice() || (retry === "connection_lost" && !idempotent)) throw error;
      if (!(attempt < attempts) || !budget.spend()) throw error;
      const { first, longest } = BACKOFF_MS[retry];
      const ceiling = Math.min(longest, first * 2 ** (attempt - 1));
      await sleep(Math.random() * ceiling, undefined, signal === undefined ? {} : { signal }).catch(() => {
        throw abortReason(signal);
      });
      if (mayBeTwice()) throw error; // who had just been given a connection has sent something by now
    }
  }
}
