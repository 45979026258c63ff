import { Pool, type PoolOptions } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import type { EmbeddedPostgres, FaultProxy } from "@openhouse/pool-testing";
import { startFaultProxy } from "@openhouse/pool-testing";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { connectionOf } from "../clients/connection.ts";

/** `plain`: drizzle(new pg.Pool()). `ours`: Drizzle over this repository's pool. */
export type Kind = "plain" | "ours";

/** What a row is measured with. */
export interface Lab {
  readonly server: EmbeddedPostgres;
  /** As the server's superuser. */
  readonly url: string;
}

/** One row of FAULTS.md. */
export interface Row {
  readonly fault: string;
  /** @returns a short figure, as text for the table. */
  measure(kind: Kind, lab: Lab): Promise<string>;
}

export interface Stack {
  readonly pool: pg.Pool;
  readonly db: NodePgDatabase<Record<string, unknown>>;
}

/** How long a pool may take to end before its connections are ended on the server, in milliseconds. */
const END_TIMEOUT_MS = 300;

/** @param extra what only our pool has a name for. */
export function openStack(
  kind: Kind,
  url: string,
  options: pg.PoolConfig = {},
  extra: PoolOptions = {},
): Stack {
  const config = { ...connectionOf(url), min: 0, ...options };
  if (kind === "ours") {
    const pool = new Pool({ ...config, ...extra });
    return { pool, db: drizzleOverPool(() => pool, {}).db };
  }
  const pool = new pg.Pool(config);
  // Row 3 tells what happens without these; in every other row the process is to live, so that it can be measured.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return { pool, db: drizzle(pool) };
}

/** Lends a stack to `work`, and leaves none of its connections behind, whatever state it is in by then. */
export async function withStack<T>(
  { kind, lab, url = lab.url, options, extra }: StackRequest,
  work: (stack: Stack) => Promise<T>,
): Promise<T> {
  const stack = openStack(kind, url, options, extra);
  try {
    return await work(stack);
  } finally {
    const ended =
      stack.pool instanceof Pool ? stack.pool.end({ timeoutMs: END_TIMEOUT_MS }) : stack.pool.end();
    await settled(ended, 2 * END_TIMEOUT_MS);
    await endAllBackends(lab);
  }
}

export interface StackRequest {
  readonly kind: Kind;
  readonly lab: Lab;
  /** Where it connects to, if not the server itself. */
  readonly url?: string;
  readonly options?: pg.PoolConfig;
  readonly extra?: PoolOptions;
}

export async function withProxy<T>(
  lab: Lab,
  work: (proxy: FaultProxy, url: string) => Promise<T>,
): Promise<T> {
  const proxy = await startFaultProxy({ host: lab.server.host, port: lab.server.port });
  try {
    return await work(proxy, proxy.url(lab.url));
  } finally {
    proxy.resume();
    await proxy.close();
  }
}

/** Lends a connection of its own, to look at the server and to do it harm. */
export async function observing<T>(lab: Lab, work: (observer: pg.Client) => Promise<T>): Promise<T> {
  const observer = new pg.Client({ ...connectionOf(lab.url), application_name: "observer" });
  observer.on("error", () => {});
  await observer.connect();
  try {
    return await work(observer);
  } finally {
    await observer.end();
  }
}

const OTHERS = "from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";

export async function endAllBackends(lab: Lab): Promise<void> {
  await observing(lab, (observer) => observer.query(`select pg_terminate_backend(pid) ${OTHERS}`));
}

/** How many statements run on the server now. */
export async function runningStatements(observer: pg.Client): Promise<number> {
  const { rows } = await observer.query<{ n: number }>(
    `select count(*)::int as n ${OTHERS} and state = 'active'`,
  );
  return rows[0]?.n ?? 0;
}

export type Outcome<T> = { readonly tookMs: number } & (
  | { readonly how: "done"; readonly value: T }
  | { readonly how: "failed"; readonly error: unknown }
  | { readonly how: "hangs" }
);

/** How `work` ends, or that it has not after `limitMs`. */
export async function settled<T>(work: Promise<T>, limitMs: number): Promise<Outcome<T>> {
  const startedAtMs = performance.now();
  const tookMs = () => performance.now() - startedAtMs;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Outcome<T>>((resolve) => {
    timer = setTimeout(() => resolve({ how: "hangs", tookMs: tookMs() }), limitMs);
  });
  const end = work.then(
    (value): Outcome<T> => ({ how: "done", value, tookMs: tookMs() }),
    (error: unknown): Outcome<T> => ({ how: "failed", error, tookMs: tookMs() }),
  );
  const outcome = await Promise.race([end, limit]);
  clearTimeout(timer);
  return outcome;
}

/** Our error or the driver's, from under what Drizzle wraps around it. */
export function innermost(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.name === "Error" && error.cause instanceof Error ? error.cause : error;
}

export function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
