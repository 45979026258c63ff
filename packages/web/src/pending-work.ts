/**
 * Next bundles this module once for instrumentation, once for routes; only globalThis is common to them.
 */
const WORK = Symbol.for("@openhouse/web/pending-work");

function pendingWork(): Set<Promise<unknown>> {
  const existing: unknown = Reflect.get(globalThis, WORK);
  if (existing instanceof Set) return existing;
  const made = new Set<Promise<unknown>>();
  Reflect.set(globalThis, WORK, made);
  return made;
}

/**
 * Has shutdown wait for work that may outlive its request, such as a write that is owed although the client has gone.
 * The pool is closed only afterwards.
 *
 * @returns `work`, as it is.
 */
export function waitUntil<T>(work: Promise<T>): Promise<T> {
  const all = pendingWork();
  all.add(work);
  const forget = () => all.delete(work);
  work.then(forget, forget);
  return work;
}

/** Resolves when there is no such work left, that which began meanwhile included. */
export async function pendingWorkDone(): Promise<void> {
  while (pendingWork().size > 0) await Promise.allSettled(pendingWork());
}

/** How many are under way. */
export function pendingWorkCount(): number {
  return pendingWork().size;
}
