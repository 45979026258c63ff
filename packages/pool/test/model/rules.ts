import { AcquireTimeoutError, PoolSaturatedError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";

/** What must hold, and whether it does. */
export type Rule = readonly [rule: string, holds: boolean];

export interface Seen {
  /** Connections whose socket is open. */
  readonly open: number;
  /** Of those, how many are with holders. */
  readonly checkedOut: number;
  /** The pool may have as many connections: `max`, or more until it has come down to a smaller one. */
  readonly ceiling: number;
  readonly hasEnded: boolean;
}

/** What the pool's figures must say at every moment. */
export function rulesOfFigures(pool: Pool, { open, checkedOut, ceiling, hasEnded }: Seen): Rule[] {
  const { totalCount, idleCount, usedCount, connectingCount, closingCount, waitingCount } = pool.getStats();
  const { created, destroyed } = pool.getTotals();
  const gone = Object.values(destroyed).reduce((sum, count) => sum + count, 0);
  return [
    [
      "total = idle + used + being opened",
      totalCount === idleCount + usedCount + connectingCount && idleCount >= 0 && usedCount >= 0,
    ],
    ["created - destroyed = total - connecting", created - gone === totalCount - connectingCount],
    ["nobody waits less than not at all", waitingCount >= 0 && closingCount >= 0],
    [`never more than ${ceiling} connections, closing ones included`, totalCount + closingCount <= ceiling],
    [`never more than ${ceiling} open connections`, open + connectingCount <= ceiling],
    ["a checked-out connection is in use", hasEnded || checkedOut <= usedCount],
  ];
}

export interface Calls {
  readonly errors: readonly unknown[];
  /** Connections that were checked out, not counting those of queries. */
  readonly served: number;
  readonly queries: number;
}

/** What the pool's totals must say when everything is over. */
export function rulesOfTotals(pool: Pool, { errors, served, queries }: Calls): Rule[] {
  const { timeouts, shed, acquired, wait, use } = pool.getTotals();
  return [
    [
      "timeouts are counted",
      timeouts === errors.filter((error) => error instanceof AcquireTimeoutError).length,
    ],
    [
      "shed callers are counted",
      shed === errors.filter((error) => error instanceof PoolSaturatedError).length,
    ],
    ["every checkout is counted", acquired >= served && acquired <= served + queries],
    ["every checkout is timed", wait.count === acquired && use.count === acquired],
  ];
}
