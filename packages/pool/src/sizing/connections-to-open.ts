/** What the decision rests on, all counts of one moment. */
export interface SizingState {
  /** Callers in the wait queue. */
  readonly waiting: number;
  /** Of the waiting callers, how many the open connections will have served by the time another one is open. */
  readonly servedMeanwhile: number;
  readonly open: number;
  /** Open, and nobody holds them. */
  readonly idle: number;
  /** Open, and being pinged or reset: each will serve somebody shortly. */
  readonly preparing: number;
  /** Attempts to connect that are under way. */
  readonly connecting: number;
  /** Of these, how many have taken so long that they may hang. No caller is left to wait for them; each keeps its place. */
  readonly overdue: number;
  /** Closed, but the server still works for them: each counts against `max`. */
  readonly cancelling: number;
  /** As many are kept open; 0 while the pool keeps none. */
  readonly min: number;
  readonly max: number;
  /** The last attempt has failed: one attempt goes alone until one succeeds. */
  readonly hasFailed: boolean;
}

/** How many connections to open now, and for what. */
export interface ConnectionsToOpen {
  readonly count: number;
  /** waiter: somebody waits who would not be served sooner · minimum: fewer than `min` are open. */
  readonly reason: "waiter" | "minimum" | "none";
}

/** Decides how many connections the pool opens now. Pure; when to ask is the sizer's. */
export function connectionsToOpen(state: SizingState): ConnectionsToOpen {
  const expected = state.connecting - state.overdue;
  const forWaiters = Math.ceil(unservedCallers(state) - state.servedMeanwhile) - expected;
  const forMinimum = state.min - state.open - state.connecting; // there is no hurry
  const capacity = state.max - state.open - state.connecting - state.cancelling;
  const atOnce = state.hasFailed ? 1 - expected : Number.POSITIVE_INFINITY;
  const count = Math.min(Math.max(forWaiters, forMinimum), capacity, atOnce);
  if (count <= 0) return { count: 0, reason: "none" };
  return { count, reason: forWaiters > 0 ? "waiter" : "minimum" };
}

/** Callers in the queue for whom no open connection is free, or about to be. Negative where more are free than wait. */
export function unservedCallers({ waiting, idle, preparing }: SizingState): number {
  return waiting - idle - preparing;
}
