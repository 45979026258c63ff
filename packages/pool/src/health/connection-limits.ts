/** How many connections a server lets a role have in a database. Below zero: no limit of that kind. */
export interface ConnectionLimits {
  /** `max_connections`, less those that are reserved for superusers and for roles with `pg_use_reserved_connections`. */
  readonly server: number;
  /** Of the role that asks. */
  readonly role: number;
  /** Of the database that is asked. */
  readonly database: number;
}

/** Columns of a select that make {@link ConnectionLimits}. */
export const CONNECTION_LIMITS = `
  pg_catalog.current_setting('max_connections')::int operator(pg_catalog.-) pg_catalog.current_setting('superuser_reserved_connections')::int
    operator(pg_catalog.-) coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int as server,
  (select rolconnlimit from pg_catalog.pg_roles where rolname operator(pg_catalog.=) current_user) as role,
  (select datconnlimit from pg_catalog.pg_database where datname operator(pg_catalog.=) pg_catalog.current_database()) as database`;

/** The limit that is met first, and whose it is. */
export function leastLimit(limits: ConnectionLimits): { limit: number; limitedBy: keyof ConnectionLimits } {
  return (["server", "role", "database"] as const)
    .map((limitedBy) => ({ limit: limits[limitedBy], limitedBy }))
    .filter(({ limit }) => limit >= 0)
    .reduce((least, each) => (each.limit < least.limit ? each : least));
}
