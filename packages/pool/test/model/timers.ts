import { AsyncLocalStorage, createHook } from "node:async_hooks";

/** Code whose timers are the pool's. */
const OF_THE_POOL = /packages\/pool\/src\/(?!testing\/)|node_modules\/pg(-pool)?\//;

/** Where the timers that run were set, by their async id. */
type Timers = Map<number, string>;

const storage = new AsyncLocalStorage<Timers>();
const owners = new Map<number, Timers>();

createHook({
  init(id, type) {
    const timers = type === "Timeout" ? storage.getStore() : undefined;
    if (timers === undefined) return;
    const { stack = "" } = new Error();
    if (!OF_THE_POOL.test(stack)) return;
    timers.set(id, stack);
    owners.set(id, timers);
  },
  destroy(id) {
    owners.get(id)?.delete(id);
    owners.delete(id);
  },
}).enable();

/**
 * Follows the timers that the pool and pg set on account of `work`, those that would not hold the process too.
 *
 * @param work is handed what tells where those were set that have neither fired nor been cleared.
 */
export function followTimers<T>(work: (running: () => string[]) => Promise<T>): Promise<T> {
  const timers: Timers = new Map();
  return storage.run(timers, () => work(() => [...timers.values()]));
}
