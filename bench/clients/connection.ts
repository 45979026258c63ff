import type pg from "pg";

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
