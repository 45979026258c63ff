import { processGlobal } from "@openhouse/pool/process";

const pendingWork = processGlobal("web/pending-work", () => new Set<Promise<unknown>>());

/**
 * Has shutdown wait for work that may outlive its request, such as a write that is owed although the client has gone.
 * The pool is closed only afterwards.
 *
 * @returns `work`, as it is.
 */
export function waitUntil<T>(work: Promise<T>): Promise<T> {
  pendingWork.add(work);
  const forget = () => pendingWork.delete(work);
  work.then(forget, forget);
  return work;
}

/** Resolves when there is no such work left, that which began meanwhile included. */
export async function pendingWorkDone(): Promise<void> {
  while (pendingWork.size > 0) await Promise.allSettled(pendingWork);
}

/** How many are under way. */
export function pendingWorkCount(): number {
  return pendingWork.size;
}
