import {
  AutoPoolSize,
  Client,
  ConnectionBudget,
  connectionsBeside,
  connectionsHeldBy,
  currentAttempt,
  currentCheckoutScope,
  type DatabaseConfig,
  describeError,
  HealthProbe,
  type LogContext,
  limitedLog,
  Pool,
  type PoolOptions,
  RetryBudget,
  type RunningCode,
  SingleClientPool,
} from "@openhouse/pool";
import {
  beginDraining,
  closeOnSignals,
  forgetProcessWide,
  lifecycleState,
  markClosed,
  markOpen,
  processWide,
  processWideCurrent,
} from "@openhouse/pool/process";
import { assertRoleIsBound, onlyBoundRoles } from "@openhouse/pool/tenants";
import { applicationName, currentRoute } from "./application-name.ts";
import { type DatabaseSettings, databaseSettings } from "./env.ts";
import { OWN_FUNCTIONS } from "./grants.ts";
import { forgetActivity } from "./last-activity.ts";
import { forgetHealth } from "./last-health.ts";
import { log } from "./log.ts";
import type { PoolShare } from "./pool-share.ts";
import { type OpenReplicas, openReplicas } from "./replicas.ts";
import { ROLE_ADVICE } from "./roles.ts";
import { backgroundShare, strangersShare } from "./shares.ts";
import { keepingSlowStatements } from "./slow-statements.ts";
import { TenantTokens } from "./tenant-token.ts";

/** What every copy of this module in the process shares. */
export interface SharedResources {
  readonly pool: Pool | SingleClientPool;
  readonly mode: DatabaseConfig["mode"];
  /** To the server itself, for what needs a session, where a pooler stands in front of it. */
  readonly direct: Pool | undefined;
  /** Of DATABASE_URL_REPLICAS, where it is set. */
  readonly replicas: OpenReplicas | undefined;
  /** Whose the lines of the log are. */
  readonly logContext: LogContext;
  /** What background work may use of the pool: one for the process, however many copies of a module use it. */
  readonly background: PoolShare;
  /** What those who are not signed in may use of it. */
  readonly strangers: PoolShare;
  /** By what the database knows a tenant. */
  readonly tokens: TenantTokens;
  readonly probe: HealthProbe;
  readonly retryBudget: RetryBudget;
  /** With `DB_POOL_MAX=auto`. */
  readonly autoSize: AutoPoolSize | undefined;
}

const NAME = "@openhouse/db";
/** How long the holders of a pool whose configuration has changed may take to finish, in milliseconds. */
const RETIRE_TIMEOUT_MS = 60_000;

/** What the single client is told, as it imports nothing of what keeps track of it. */
const runningCode: RunningCode = {
  holds: (pool) => connectionsHeldBy(pool).length > 0,
  attempt: currentAttempt,
  note: (checkout) => currentCheckoutScope()?.add(checkout),
};

/** Whether this copy of the module has had its say on the configuration. */
let configured = false;

/**
 * Has the settings read again at the next use of the database. For a module that a developer saves to have that
 * happen: hot reload evaluates what was saved and what imports it, and leaves this one, further down, as it is.
 */
export function readSettingsAgain(): void {
  configured = false;
}

/**
 * The process's resources, made at the first call. Connecting goes on in the background.
 *
 * @throws {PoolConfigError} listing every fault of the settings.
 */
export function sharedResources(): SharedResources {
  const current = openResources();
  if (configured && current !== undefined) return current;
  const settings = databaseSettings();
  const resources = processWide(NAME, settings, () => open(settings), retire);
  configured = true;
  closeOnSignals(closePool, NAME); // by its name: each copy of this module asks for it
  return resources;
}

/** The resources, if somebody has used the database already. */
export function openResources(): SharedResources | undefined {
  return processWideCurrent<SharedResources>(NAME);
}

/**
 * Drains, then closes: refuses new callers, serves those that hold or wait for a connection until the deadline, rejects
 * the rest, and resolves when the sockets are closed. Idempotent. Called on SIGTERM and SIGINT.
 *
 * @param timeoutMs for the draining. @default 10_000
 */
export async function closePool({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
  const resources = openResources();
  if (resources === undefined) return;
  beginDraining();
  const { pool, direct, replicas, probe, autoSize } = resources;
  autoSize?.stop();
  await Promise.all([
    pool.end({ timeoutMs }),
    direct?.end({ timeoutMs }),
    replicas?.end({ timeoutMs }),
    probe.close(),
  ]);
  markClosed();
}

/** Closes like {@link closePool}, and lets the next use of the database open it again: for tests and tools. */
export async function disconnect(options: { timeoutMs?: number } = {}): Promise<void> {
  await closePool(options);
  forgetProcessWide(NAME);
  forgetHealth();
  forgetActivity();
  markOpen();
}

function open(settings: DatabaseSettings): SharedResources {
  const checksRole = settings.roleCheck === "on";
  const warnings = [
    ...(checksRole ? [] : ["DB_ROLE_CHECK is off: a role that sees every tenant's rows is served as well"]),
    ...(settings.mode === "pool"
      ? []
      : ["DB_USE_SINGLE_CLIENT is true: one client in the place of the pool, one statement at a time"]),
  ];
  for (const warning of [...settings.warnings, ...warnings]) log.warn("db.config.warning", { warning });
  const { host, port, database } = settings.options;
  const logContext = { poolName: NAME, mode: settings.mode, host, port, database };
  const poolsLog = keepingSlowStatements(log);
  const logger = limitedLog(poolsLog, logContext);
  const check = checksRole ? onlyBoundRoles(ROLE_ADVICE) : undefined;
  const connection = { ...settings.options, fallback_application_name: applicationName() };
  const common = {
    fallback_application_name: applicationName(),
    logger: poolsLog,
    route: currentRoute,
    safeFunctions: OWN_FUNCTIONS,
    ...(check && { check }),
  } satisfies PoolOptions;
  const options: PoolOptions = { ...connection, ...common, logger, poolName: NAME };
  const pool = settings.mode === "pool" ? new Pool(options) : new SingleClientPool(options, runningCode);
  const beside = connectionsBeside(settings.options);
  const background = backgroundShare(pool);
  const strangers = strangersShare(pool);
  const autoSize =
    pool instanceof Pool && settings.sizesItself
      ? new AutoPoolSize(pool, { logger, beside, shares: [background, strangers] })
      : undefined;
  // Of a pool that sizes itself: whether there is room for what it begins with, which is the least that it has.
  const budget =
    pool instanceof Pool ? new ConnectionBudget({ max: pool.options.max, beside, logger }) : undefined;
  // Opened at its first use: most processes have none.
  const direct =
    settings.direct !== undefined && settings.mode === "pool"
      ? new Pool({ ...settings.direct, ...common, poolName: `${NAME} direct` })
      : undefined;
  const replicas =
    pool instanceof Pool && settings.replicas.length > 0
      ? openReplicas({ urls: settings.replicas, common, primary: pool, logger: log, poolName: NAME })
      : undefined;
  pool.warmUp().catch((error) => log.warn("db.pool.warm_up_failed", { ...describeError(error) }));
  const probe = new HealthProbe(
    (at) => new Client(at(connection)),
    async (client) => {
      if (checksRole) await assertRoleIsBound(client, ROLE_ADVICE);
      await budget?.look(client);
      await autoSize?.look(client);
    },
    { logger, hosts: connection },
  );
  autoSize?.keepLooking(() => probe.check(pool.getStats(), lifecycleState() !== "open"));
  return {
    pool,
    mode: settings.mode,
    direct,
    replicas,
    logContext,
    background,
    strangers,
    tokens: new TenantTokens(settings.signing),
    probe,
    retryBudget: new RetryBudget(),
    autoSize,
  };
}

function retire(old: SharedResources): void {
  old.autoSize?.stop();
  void old.pool.end({ timeoutMs: RETIRE_TIMEOUT_MS });
  void old.direct?.end({ timeoutMs: RETIRE_TIMEOUT_MS });
  void old.replicas?.end({ timeoutMs: RETIRE_TIMEOUT_MS });
  void old.probe.close();
}
