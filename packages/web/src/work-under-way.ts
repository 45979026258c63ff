/**
 * Next bundles this module once for instrumentation, once for routes; only globalThis is common to them.
 */
const WORK = Symbol.for("@openhouse/web/work-under-way");

function underWay(): Set<Promise<unknown>> {
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
export function finishBeforeExit<T>(work: Promise<T>): Promise<T> {
  const all = underWay();
  all.add(work);
  const forget = () => all.delete(work);
  work.then(forget, forget);
  return work;
}

/** Resolves when there is no such work left, that which began meanwhile included. */
export async function workFinished(): Promise<void> {
  while (underWay().size > 0) await Promise.allSettled(underWay());
}

/** How many are under way. */
export function workCount(): number {
  return underWay().size;
}
