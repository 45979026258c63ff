import type pg from "pg";

/** Which of several servers is wanted, as libpq's `target_session_attrs`. */
export const TARGET_SESSION_ATTRS = [
  "any",
  "read-write",
  "read-only",
  "primary",
  "standby",
  "prefer-standby",
] as const;
export type TargetSessionAttrs = (typeof TARGET_SESSION_ATTRS)[number];

/** Whether hosts are tried in their order or at random, as libpq's `load_balance_hosts`. */
export const LOAD_BALANCE_HOSTS = ["disable", "random"] as const;
export type LoadBalanceHosts = (typeof LOAD_BALANCE_HOSTS)[number];

/** One of several servers, its TLS decided. */
export interface HostOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl?: pg.PoolConfig["ssl"];
}

/** What says which server a connection goes to. */
export interface HostsOptions {
  /**
   * Servers of which one is the right one at a time. They count before `host`, `port` and `ssl`; a URL with several hosts gives them.
   * @default none: there is one server
   */
  readonly hosts?: readonly HostOptions[] | undefined;
  /** Which of the hosts is wanted. @default "any" */
  readonly targetSessionAttrs?: TargetSessionAttrs | undefined;
  /** @default "disable": in their order */
  readonly loadBalanceHosts?: LoadBalanceHosts | undefined;
}

/** How a host is told in logs and errors: `db.internal:5432`, `[::1]:5432`. */
export function hostName({ host, port }: HostOptions): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
