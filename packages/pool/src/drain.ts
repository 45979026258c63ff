import type pg from "pg";
import { clientsOf, rejectWaiters, removeClient } from "./pg-internals.ts";

/** How often to look whether everybody is done. pg-pool has no event for a connect that failed. */
const POLL_MS = 10;
/** How long the server may take to close the sockets after a goodbye, in milliseconds. */
const GOODBYE_MS = 1_000;

/**
 * Waits until nobody holds or waits for a connection; then, or at the deadline, closes them all.
 * Callers still in the queue at the deadline get `refusal`, connections still held are cut.
 *
 * @param end ends the pool in pg-pool's sense, once nothing is left to serve.
 */
export async function drainAndEnd(
  pool: pg.Pool,
  { timeoutMs, refusal, end }: { timeoutMs: number; refusal: Error; end: () => Promise<void> },
): Promise<void> {
  const done = () => pool.waitingCount === 0 && pool.totalCount === pool.idleCount;
  const drained = await until(done, timeoutMs);
  const clients = [...clientsOf(pool)];
  let open = clients.length;
  pool.on("remove", () => open--);
  if (!drained) {
    rejectWaiters(pool, refusal);
    for (const client of clients) removeClient(pool, client);
  }
  void end().catch(() => {}); // it resolves before the sockets are closed: the events tell when they are
  if (await until(() => open <= 0, GOODBYE_MS)) return;
  for (const client of clients) client.connection.stream.destroy();
}

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
