import { createHmac } from "node:crypto";
import { getDatabaseResources } from "@openhouse/db/client";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { authSecret } from "./auth-secret.ts";

/** How many attempts are allowed in which time. */
export interface Allowance {
  /** Part of the stored key; names the thing that is counted. */
  readonly name: string;
  readonly attempts: number;
  readonly windowSeconds: number;
}

/** Whether an attempt may go on. */
export type Verdict = { limited: false } | { limited: true; retryAfterSeconds: number };

type ResourcePool = ReturnType<typeof getDatabaseResources>["pool"];

const limiters = new WeakMap<ResourcePool, Map<string, RateLimiterPostgres>>();

/**
 * Counts one attempt of `who` and says whether it is within the allowance. Counting and asking are one
 * statement, so attempts that arrive together cannot all be the last one.
 *
 * @throws errors of the database: an allowance that cannot be counted is not an open door.
 */
export async function countAttempt(allowance: Allowance, who: string): Promise<Verdict> {
  try {
    await limiterOf(allowance).consume(keyOf(who));
    return { limited: false };
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return { limited: true, retryAfterSeconds: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) };
  }
}

/** Takes one counted attempt back. */
export async function forgiveAttempt(allowance: Allowance, who: string): Promise<void> {
  await limiterOf(allowance).reward(keyOf(who));
}

/** Forgets every attempt of `who`. */
export async function forgetAttempts(allowance: Allowance, who: string): Promise<void> {
  await limiterOf(allowance).delete(keyOf(who));
}

/** Keyed, because a plain hash of an address or of an e-mail is undone by trying them all. */
function keyOf(who: string): string {
  return createHmac("sha256", authSecret()).update(who).digest("hex");
}

function limiterOf({ name, attempts, windowSeconds }: Allowance): RateLimiterPostgres {
  const { pool } = getDatabaseResources();
  const ofPool = limiters.get(pool) ?? new Map<string, RateLimiterPostgres>();
  limiters.set(pool, ofPool);
  const limiter = ofPool.get(name) ?? makeLimiter();
  ofPool.set(name, limiter);
  return limiter;

  function makeLimiter() {
    return new RateLimiterPostgres({
      // Only text and values: the limiter names its statements, which a transaction-mode pooler may not keep.
      storeClient: {
        query: ({ text, values }: { text: string; values: unknown[] }) => pool.query(text, values),
      },
      storeType: "pool",
      tableName: "rate_limits",
      tableCreated: true,
      keyPrefix: name,
      points: attempts,
      duration: windowSeconds,
    });
  }
}
