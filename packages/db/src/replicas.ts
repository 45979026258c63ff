import {
  AcquireTimeoutError,
  ConnectionBudget,
  type ConnectionSource,
  connectionsBeside,
  type Logger,
  limitedLog,
  Pool,
  type LogEvent as PoolEvent,
  type PoolOptions,
  PoolSaturatedError,
  ReplicaSet,
  ReplicaUnavailableError,
} from "@openhouse/pool";
import type pg from "pg";
import type { LogEvent } from "./log.ts";
import { PoolShare } from "./pool-share.ts";

/** The replicas of the process's database, and their pools. */
export interface OpenReplicas {
  readonly set: ReplicaSet;
  /** What their reads have of the primary's pool. */
  readonly fallback: PoolShare;
  end(options: { timeoutMs: number }): Promise<unknown>;
}

interface ReplicasOf {
  /** One for each URL. */
  readonly urls: readonly PoolOptions[];
  /** What all pools of the process have in common; each puts its own name and server on the lines of the log. */
  readonly common: PoolOptions & { readonly logger: Logger };
  readonly primary: Pool;
  readonly logger: Logger<LogEvent | PoolEvent>;
  readonly poolName: string;
}

/** How long a read that no replica serves waits for its turn on the primary, and how many may. */
const TURN_TIMEOUT_MS = 1_000;
const MAX_WAITING = 100;

/** Opens a pool for each replica. Connecting goes on in the background; until a replica was measured, the primary serves its reads. */
export function openReplicas({ urls, common, primary, logger, poolName }: ReplicasOf): OpenReplicas {
  const servers = urls.map((options, index) => {
    const { host = "", port = 0, database } = options;
    const name = `${poolName} replica ${index + 1}`;
    const log = limitedLog(common.logger, { poolName: name, mode: "pool", host, port, database });
    const pool = new Pool({ ...options, ...common, logger: log, poolName: name });
    const beside = connectionsBeside(options) - 1; // no probe goes there
    const budget = new ConnectionBudget({ max: pool.options.max, beside, logger: log });
    return { host, port, pool, ask: (client: pg.PoolClient) => budget.look(client) };
  });
  const fallback = new PoolShare(primary, {
    name: "reads in the place of a replica",
    maxOf: (poolMax) => Math.floor(poolMax / 4),
    turnTimeoutMs: TURN_TIMEOUT_MS,
    maxWaiting: MAX_WAITING,
  });
  const set = new ReplicaSet({
    replicas: servers,
    primary,
    fallback: refusing(fallback),
    onChange: ({ host, port, lagMs }, reason) => {
      const replica = `${host}:${port}`;
      if (reason === undefined) logger.info("db.replica.serves", { replica, lagMs });
      else logger.warn("db.replica.skipped", { replica, reason, lagMs });
    },
  });
  return {
    set,
    fallback,
    end: (options) => {
      set.close();
      return Promise.all(servers.map(({ pool }) => pool.end(options)));
    },
  };
}

/** The share, which says that no replica was there for those whose turn does not come. */
function refusing(share: PoolShare): ConnectionSource {
  const acquire: ConnectionSource["acquire"] = async (options) => {
    try {
      return await share.acquire(options);
    } catch (error) {
      if (!(error instanceof PoolSaturatedError || error instanceof AcquireTimeoutError)) throw error;
      throw new ReplicaUnavailableError(
        `no replica could serve a read, and the primary did not in its place: of its connections ${share.max} may, at once`,
        { cause: error },
      );
    }
  };
  return {
    acquire,
    query: (...statement) => share.query(...statement),
    wholePool: share.wholePool,
    get wantsCallSites() {
      return share.wantsCallSites;
    },
    get acquireLimitMs() {
      return share.acquireLimitMs;
    },
  };
}
