import { parseDatabaseUrl } from "./config/database-url.ts";
import type { PoolOptions } from "./config/options.ts";
import { PoolConfigError } from "./errors/errors.ts";
import { Pool } from "./pool.ts";

/**
 * A pool for a database URL, which says where the database is, whether TLS is used, and, with `connection_limit`,
 * `pool_timeout` and `pgbouncer=true`, some of the pool's options; `options` count before those.
 *
 * @param url such as `process.env.DATABASE_URL`; where it is missing nothing else is asked, unlike in `new Pool()`, which goes
 * by PGHOST then.
 * @throws {PoolConfigError} listing every fault of the URL and of the options.
 */
export function poolFromUrl(
  url: string | undefined,
  options: Omit<PoolOptions, "connectionString"> = {},
): Pool {
  if (!url) throw new PoolConfigError(parseDatabaseUrl(url, "the database's URL").faults);
  return new Pool({ ...options, connectionString: url });
}
