import type pg from "pg";
import type { PoolOptions } from "./config/options.ts";
import { PoolConfigError } from "./errors/errors.ts";
import { ConnectionBudget, connectionsBeside } from "./health/connection-budget.ts";
import { createHealthHandlers, type HealthHandlers } from "./health/handlers.ts";
import { HealthProbe, type HealthReport, type ProbeOptions, type ProbeQuestion } from "./health/probe.ts";
import type { MakeProbeClient } from "./health/probe-connection.ts";
import type { Pool } from "./pool.ts";
import { lifecycleState } from "./process/shutdown.ts";
import { Client } from "./query/client.ts";

export interface PoolHealthOptions extends Omit<ProbeOptions, "setUp"> {
  /** What is asked besides for an answer, over the probe's connection; an error that it throws is why the database is unhealthy. */
  readonly ask?: ProbeQuestion;
}

/** The health of a pool: its routes, and what they tell. */
export interface PoolHealth extends HealthHandlers {
  /** Never throws. Settles within 900 ms, as far as the event loop runs; kept for two seconds. */
  check(): Promise<HealthReport>;
  /** Closes the probe's own connection, within a second. A later check opens a new one. */
  close(): Promise<void>;
}

/**
 * Health routes for a pool, in one call: a probe on a connection of its own, made with the pool's options, which passes the
 * pool's own `check` and `onConnect`, so that what refuses callers refuses the probe.
 *
 * With a `logger`, warns once where the application's instances may open more connections than the server allows:
 * {@link ConnectionBudget}.
 *
 * Says `draining` from `pool.end()` on, and once `closeOnSignals` has heard a signal.
 *
 * @throws {PoolConfigError} `pool` is not one of this package, whichever copy has made it.
 */
export function poolHealth(pool: Pool, { ask, ...options }: PoolHealthOptions = {}): PoolHealth {
  if (typeof (pool as Partial<Pool> | undefined)?.getStats !== "function")
    throw new PoolConfigError([
      "poolHealth must be given a Pool of @openhouse/pool: a pg.Pool has no figures to tell",
    ]);
  const given = pool.options as PoolOptions;
  const setUp = async (client: pg.Client) => {
    const pooled = client as unknown as pg.PoolClient; // pg types what a hook is given by the pool that it is a hook of
    await given.onConnect?.(pooled);
    await given.check?.(pooled);
  };
  // By name, as it cannot be enumerated.
  const makeClient: MakeProbeClient = (at) =>
    new Client(at({ ...given, password: given.password }) as pg.ClientConfig);
  const { logger } = options;
  const { max } = pool.options;
  const budget = logger && new ConnectionBudget({ max, beside: connectionsBeside(given), logger });
  const askAlso = async (client: pg.Client) => {
    await ask?.(client);
    await budget?.look(client);
  };
  const probe = new HealthProbe(makeClient, askAlso, { hosts: given, ...options, setUp });
  const check = () => probe.check(pool.getStats(), pool.ending || lifecycleState() !== "open");
  return { ...createHealthHandlers({ check }), check, close: () => probe.close() };
}
