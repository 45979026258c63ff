import { AsyncLocalStorage } from "node:async_hooks";
import { processGlobal } from "../process/process-global.ts";

/** A connection that the running code holds, so that asking for another one may never end. */
export interface Held {
  readonly pool: object;
  readonly client: object;
}

interface Holding {
  /** Asked each time: its transaction may have another client by then. */
  readonly held: Held;
  readonly outer: Holding | undefined;
  /** What was begun meanwhile keeps its context, also when the connection is somebody else's by then. */
  over: boolean;
}

const storage = /* @__PURE__ */ processGlobal("holding", () => new AsyncLocalStorage<Holding>());

/** Runs `work` as code that holds a connection, until `work` is done. */
export function runHolding<T>(held: Held, work: () => Promise<T>): Promise<T> {
  const holding: Holding = { held, outer: storage.getStore(), over: false };
  // Awaited inside: what `work` returns may be lazy, as Drizzle's queries are, and start only when it is awaited.
  return storage.run(holding, async () => {
    try {
      return await work();
    } finally {
      holding.over = true;
    }
  });
}

const NONE: readonly never[] = [];

/** The connections of `pool` that the running code holds: several where it has nested one transaction of its own in another. */
export function connectionsHeldBy(pool: object): readonly object[] {
  const innermost = storage.getStore();
  if (innermost === undefined) return NONE;
  const clients: object[] = [];
  for (let holding: Holding | undefined = innermost; holding !== undefined; holding = holding.outer) {
    if (holding.held.pool === pool && !holding.over) clients.push(holding.held.client);
  }
  return clients;
}
