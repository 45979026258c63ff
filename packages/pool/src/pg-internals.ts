import type pg from "pg";

/**
 * Every undocumented field of pg and pg-pool that this package relies on, in one place.
 * Checked against pg 8.23.1 and pg-pool 3.14.0; `test/pg-internals.test.ts` fails when an upgrade moves one.
 */

interface ClientInternals {
  /** True between ReadyForQuery and the next statement. */
  readyForQuery?: boolean;
  /** False once the socket has failed. */
  _queryable?: boolean;
  /** True once `end()` was called. */
  _ending?: boolean;
  /** Missing from the type definitions. */
  unref(): void;
}

interface PoolInternals {
  readonly _clients: readonly pg.PoolClient[];
  _remove(client: pg.PoolClient): void;
  _pendingQueue: { callback: (error: Error) => void }[];
}

function clientInternals(client: pg.ClientBase): ClientInternals {
  return client as unknown as ClientInternals;
}

function poolInternals(pool: pg.Pool): PoolInternals {
  return pool as unknown as PoolInternals;
}

/** Whether the connection is alive and no statement is under way on it. */
export function isReady(client: pg.ClientBase): boolean {
  const internals = clientInternals(client);
  return internals.readyForQuery === true && isAlive(client);
}

/** Whether the socket has neither failed nor been asked to end. */
export function isAlive(client: pg.ClientBase): boolean {
  const internals = clientInternals(client);
  return internals._queryable === true && internals._ending !== true;
}

/**
 * Waits until the server has answered all that was sent.
 * pg reports an error before the ReadyForQuery that follows it, so the transaction status is stale until then.
 *
 * @returns false when the connection failed or `timeoutMs` passed first.
 */
export function whenReady(client: pg.ClientBase, timeoutMs: number): Promise<boolean> {
  if (isReady(client)) return Promise.resolve(true);
  if (!isAlive(client)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      client.removeListener("drain", onDrain);
      client.removeListener("end", onEnd);
      resolve(ready);
    };
    const onDrain = () => settle(isReady(client));
    const onEnd = () => settle(false);
    const timer = setTimeout(() => settle(false), timeoutMs);
    client.once("drain", onDrain);
    client.once("end", onEnd);
  });
}

/** Lets the process end although the connection is open. */
export function unref(client: pg.ClientBase): void {
  clientInternals(client).unref();
}

/** Takes every waiter out of the pool's queue; each gets `error`. */
export function rejectWaiters(pool: pg.Pool, error: Error): void {
  for (const waiter of poolInternals(pool)._pendingQueue.splice(0)) waiter.callback(error);
}

/** The pool's connections: idle, held and being opened. */
export function clientsOf(pool: pg.Pool): readonly pg.PoolClient[] {
  return poolInternals(pool)._clients;
}

/** Takes a connection out of its pool and closes it, whoever holds it. The pool emits 'remove' when it is closed. */
export function removeClient(pool: pg.Pool, client: pg.PoolClient): void {
  poolInternals(pool)._remove(client);
}
