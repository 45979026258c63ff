import { PoolShare } from "./pool-share.ts";

type WholePool = PoolShare["wholePool"];

/** What background work may use: a quarter of the pool. Nobody sits in front of a screen for it. */
export const backgroundShare = (pool: WholePool, { turnTimeoutMs = 30_000 } = {}): PoolShare =>
  new PoolShare(pool, {
    name: "background work",
    maxOf: (poolMax) => Math.floor(poolMax / 4),
    turnTimeoutMs,
  });

/**
 * What may be used for those who are not signed in, whoever they are: a quarter of the pool, three connections at most.
 * Three redeem more than a thousand codes a second; whoever is signed in has the others, however many knock.
 */
export const strangersShare = (
  pool: WholePool,
  { turnTimeoutMs = 5_000, maxWaiting = 200 } = {},
): PoolShare =>
  new PoolShare(pool, {
    name: "work for somebody who is not signed in",
    maxOf: (poolMax) => Math.min(3, Math.floor(poolMax / 4)),
    turnTimeoutMs,
    maxWaiting,
  });
