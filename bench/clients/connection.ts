import pg from "pg";
import { type ClientOptions, CROWD_TIMEOUT_MS } from "./client.ts";

/** pg's discrete options for a database URL. */
export function connectionOf(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    ssl: false,
  } satisfies pg.PoolConfig;
}

/** Longer than others are measured between two rounds, in milliseconds: each is to find its connections as it left them. */
const IDLE_MS = 60_000;

/** Options of a plain pool. */
export function poolOptions(url: string, max: number) {
  return { ...connectionOf(url), max, idleTimeoutMillis: IDLE_MS } satisfies pg.PoolConfig;
}

/** A plain pool; for a crowd, with a deadline for those that wait. */
export function openPgPool({ url, max, crowd }: ClientOptions, options: pg.PoolConfig = {}): pg.Pool {
  const patience = crowd ? { connectionTimeoutMillis: CROWD_TIMEOUT_MS } : {};
  const pool = new pg.Pool({ ...poolOptions(url, max), ...patience, ...options });
  pool.on("error", () => {});
  return pool;
}
