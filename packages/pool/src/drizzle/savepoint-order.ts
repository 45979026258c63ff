import { AsyncLocalStorage } from "node:async_hooks";

interface Nesting {
  readonly transaction: object;
  readonly outer: Nesting | undefined;
}

/** What a Drizzle transaction has of this; each version of Drizzle types it in its own way. */
interface Nestable {
  transaction(...call: never[]): Promise<unknown>;
}
type Begin = (work: (nested: Nestable) => Promise<unknown>, config?: unknown) => Promise<unknown>;

const running = new AsyncLocalStorage<Nesting>();

/**
 * Makes nested transactions of one transaction take turns. They are savepoints on one connection: two that overlap would
 * roll back each other's work, whatever their savepoints are called, and Drizzle gives siblings one name.
 * One that is begun inside another, on the outer handle, runs at once: it waits for nobody.
 *
 * @param prepare does something to each nested transaction before its work sees it.
 */
export function takeTurns<T extends Nestable>(transaction: T, prepare: (nested: Nestable) => void): T {
  const begin = transaction.transaction.bind(transaction) as Begin;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: Begin = (work, config) => {
    const outer = running.getStore();
    const run = () =>
      begin((nested) => {
        prepare(nested);
        return running.run({ transaction, outer }, async () => await work(takeTurns(nested, prepare)));
      }, config);
    if (isInside(transaction, outer)) return run();
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  };
  return Object.assign(transaction, { transaction: inTurn });
}

function isInside(transaction: object, nesting: Nesting | undefined): boolean {
  for (let each = nesting; each !== undefined; each = each.outer)
    if (each.transaction === transaction) return true;
  return false;
}
