import type { PoolOptions } from "../../src/config/options.ts";

/** pg's discrete options for a database URL. */
export function optionsFor(url: string): PoolOptions {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    ssl: false,
  };
}
