import type pg from "pg";
import type { HostsOptions } from "../config/session-target.ts";
import { type Logger, writeLine } from "../telemetry/logger.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, leastLimit } from "./connection-limits.ts";

/** How often the server is asked, in milliseconds. */
export const LOOK_EVERY_MS = 60_000;
/** What lies between two looks at least: a timer of the minute may be early by what the look before took to connect. */
export const LOOK_LEAST_MS = 50_000;
/** How long old and new instances of a rolling deploy run side by side at most, in milliseconds. */
const DEPLOY_MS = 600_000;

export interface BudgetRow extends ConnectionLimits {
  readonly pid: number;
  readonly instances: number;
}

/** An instance is what stands before the blank of an application_name, and names with an `@` are those of instances. */
export const BUDGET = `
  select pg_catalog.pg_backend_pid() as pid,
         (select pg_catalog.count(distinct pg_catalog.split_part(application_name, ' ', 1))::int from pg_catalog.pg_stat_activity
           where usename operator(pg_catalog.=) current_user
             and pg_catalog.strpos(application_name, '@') operator(pg_catalog.>) 0) as instances,
         ${CONNECTION_LIMITS}`;

/**
 * How many connections a process has to the primary beside those of its pool: the probe's, and one that looks where there are
 * several hosts. A replica's pool has none beside it.
 */
export function connectionsBeside({ hosts = [] }: Pick<HostsOptions, "hosts">): number {
  return hosts.length > 1 ? 2 : 1;
}

export interface ConnectionBudgetOptions {
  /** The most connections of this process's pool; the other instances are taken to have as many. */
  readonly max: number;
  /** Connections of this process to the same server beside those: its probe's, a look at each of several hosts. @default 1 */
  readonly beside?: number;
  readonly logger: Logger;
}

/**
 * Warns once, by `db.pool.budget`, where the instances of an application may open more connections than the server, the role
 * or the database allows: each its pool's max and one for the probe. A budget is one server's, by what that server says of its
 * limits and of who is there: several hosts of one primary are one, and a replica has its own. Whoever comes last is refused
 * with 53300 otherwise, in the hour of the most load.
 *
 * Instances are counted by `application_name`, in the grammar `<application>@<instance> <route>`; one that has no such name
 * counts nobody. Behind a pooler nothing is told, as its limits are not the server's.
 */
export class ConnectionBudget {
  readonly #options: ConnectionBudgetOptions;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  readonly #seen: { readonly atMs: number; readonly instances: number }[] = [];
  #startedAtMs: number | undefined;
  #isTold = false;

  constructor(options: ConnectionBudgetOptions) {
    this.#options = options;
  }

  /**
   * For the `ask` of a health probe, or of a replica: looks at most once a minute. Never throws, as a budget makes nobody unhealthy.
   *
   * @param nowMs on the clock of `performance.now()`.
   */
  async look(client: pg.ClientBase, nowMs = performance.now()): Promise<void> {
    const before = this.#lookedAtMs;
    if (this.#isTold || nowMs - before < LOOK_LEAST_MS) return;
    this.#lookedAtMs = nowMs; // before the answer: whoever asks meanwhile would tell it a second time
    const row = await client.query<BudgetRow>(BUDGET).then(
      ({ rows }) => rows[0],
      () => undefined, // the probe's own question says what is wrong with the connection
    );
    if (row === undefined) this.#lookedAtMs = before;
    if (row === undefined || ("processID" in client && row.pid !== client.processID)) return;
    this.#judge(row, nowMs);
  }

  #judge({ instances, ...limits }: BudgetRow, nowMs: number): void {
    const { max, beside = 1, logger } = this.#options;
    this.#startedAtMs ??= nowMs;
    this.#seen.push({ atMs: nowMs, instances });
    while ((this.#seen[0]?.atMs ?? nowMs) < nowMs - DEPLOY_MS) this.#seen.shift();
    const { limit, limitedBy } = leastLimit(limits);
    // Whoever starts in a deploy sees the old instances as well: twice is said of a count that a deploy does not explain.
    const isOld = nowMs - this.#startedAtMs >= DEPLOY_MS;
    const lasting = isOld ? Math.min(...this.#seen.map((each) => each.instances)) : 0;
    const needed = instances * (max + beside);
    const neededInDeploy = 2 * lasting * (max + beside);
    if (Math.max(needed, neededInDeploy) <= limit) return;
    this.#isTold = true;
    writeLine(logger, "warn", "db.pool.budget", {
      instances,
      max,
      needed,
      ...(neededInDeploy > 0 && { neededInDeploy }),
      limit,
      limitedBy,
    });
  }
}
