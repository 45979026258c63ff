/** Part of the lifetime that chance takes off. Connections of one age would otherwise be replaced all at once. */
const JITTER = 0.1;

/**
 * When a connection born now is to be replaced, on the clock of `performance.now()`. Fixed at birth.
 *
 * @param maxLifetimeMs 0 means never.
 */
export function expiryOf(maxLifetimeMs: number): number {
  if (maxLifetimeMs === 0) return Number.POSITIVE_INFINITY;
  return performance.now() + maxLifetimeMs * (1 - JITTER * Math.random());
}
