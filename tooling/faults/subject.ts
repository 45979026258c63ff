import { Pool, type PoolOptions } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { type FaultProxy, startFaultProxy, waitFor } from "@openhouse/pool-testing";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { BenchContext } from "./context.ts";
import { endBackends, observing } from "./observe.ts";
import { becomes, settle } from "./settle.ts";

/** The pool that a fault is to hit. */
export interface Subject {
  readonly pool: pg.Pool;
  readonly db: NodePgDatabase<Record<string, unknown>>;
  /** @param timeoutMs which a plain pool knows nothing of. */
  end(timeoutMs: number): Promise<void>;
}

/** How long a pool may take to end before its connections are ended on the server, in milliseconds. */
const END_TIMEOUT_MS = 300;

/** @param options of ours, too: a plain pool takes no notice of them. */
export function openSubject({ kind, url }: BenchContext, options: PoolOptions): Subject {
  const config = { connectionString: url, ssl: false, min: 0, ...options };
  if (kind === "ours") {
    const pool = new Pool(config);
    return { pool, db: drizzleOverPool(() => pool, {}).db, end: (timeoutMs) => pool.end({ timeoutMs }) };
  }
  const pool = new pg.Pool(config);
  return { pool, db: drizzle(pool), end: () => pool.end() };
}

/** The fault backend-dies tells what happens without these; in every other a plain pool's process is to live, to be measured. */
export function listenForErrors(pool: pg.Pool): void {
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
}

/** Lends a pool to `work`, and leaves none of its connections behind, whatever state it is in by then. */
export async function withSubject<T>(
  context: BenchContext,
  options: PoolOptions,
  work: (subject: Subject) => Promise<T>,
): Promise<T> {
  const subject = openSubject(context, options);
  if (context.kind === "plain") listenForErrors(subject.pool);
  try {
    return await work(subject);
  } finally {
    await settle(subject.end(END_TIMEOUT_MS), 4 * END_TIMEOUT_MS);
    if (context.kind === "plain") await observing(context, endBackends);
  }
}

/** A network that can be broken, and the URL that leads through it. */
export async function withProxy<T>(
  { url }: BenchContext,
  work: (proxy: FaultProxy, connectionString: string) => Promise<T>,
): Promise<T> {
  const { hostname, port } = new URL(url);
  const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  try {
    return await work(proxy, proxy.url(url));
  } finally {
    proxy.resume();
    await proxy.close();
  }
}

/** Opens so many connections at once, and waits until all are idle. Ours need no reset, which might cost one of them. */
export async function openAll(pool: pg.Pool, count: number): Promise<void> {
  const take = () => (pool instanceof Pool ? pool.acquire() : pool.connect());
  for (const client of await Promise.all(Array.from({ length: count }, take))) client.release();
  await waitFor(() => pool.idleCount === count, { what: `${count} connections to be idle` });
}

/** Connections that do not come back. One that was released may be looked at before it is idle. */
export async function slotsLost(pool: pg.Pool): Promise<number> {
  await becomes(() => pool.idleCount === pool.totalCount, 2_000);
  return pool.totalCount - pool.idleCount;
}
