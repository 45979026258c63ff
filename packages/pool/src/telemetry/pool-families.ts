import type { ErrorKind } from "../errors/classify.ts";
import type { Histogram } from "./histogram.ts";
import { type Labels, type MetricFamily, renderMetrics, type Sample } from "./metric-family.ts";
import type { DestroyReason, PoolStats, PoolTotals, SizeReason } from "./stats.ts";

/** What is needed of a pool; the single client has figures of the moment only. */
export interface MeasuredPool {
  getStats(): PoolStats;
  getTotals?(): PoolTotals;
  readonly oldestWaiterMs?: number;
}

/** Every kind is there from the start, with 0: of a series that begins at 1 Prometheus sees no increase. */
const KINDS = /* @__PURE__ */ Object.keys({
  timeout: true,
  connection_refused: true,
  dns: true,
  auth: true,
  tls: true,
  too_many_connections: true,
  disk_full: true,
  starting_up: true,
  not_accepting: true,
  shutting_down: true,
  connection_lost: true,
  read_only: true,
  saturated: true,
  closed: true,
  config: true,
  serialization: true,
  constraint: true,
  data: true,
  permission: true,
  schema: true,
  canceled: true,
  unknown: true,
} satisfies Record<ErrorKind, true>);

const REASONS = /* @__PURE__ */ Object.keys({
  requested: true,
  lost: true,
  error: true,
  transaction_open: true,
  statement_running: true,
  reset_failed: true,
  ping_failed: true,
  idle: true,
  expired: true,
  used_up: true,
  retired: true,
  fenced: true,
  shrunk: true,
  closed: true,
} satisfies Record<DestroyReason, true>);

const SIZE_REASONS = /* @__PURE__ */ Object.keys({
  start: true,
  share: true,
  refused: true,
  waiting: true,
  enough: true,
  pooler: true,
} satisfies Record<SizeReason, true>);

const NAMES_OFF = ["option", "names_lost", "pooler"];

/**
 * A pool's figures in Prometheus's text format, under the names of OpenTelemetry's conventions where those have one. Read from
 * counters that are kept anyway: between two calls it costs nothing.
 *
 * @param poolName tells the pool from others of the process.
 */
export function poolMetrics(pool: MeasuredPool, poolName = "pool"): string {
  return renderMetrics(poolFamilies(pool, poolName));
}

/** What {@link poolMetrics} renders, to be rendered together with others. */
export function poolFamilies(pool: MeasuredPool, poolName = "pool"): MetricFamily[] {
  const labels = { db_client_connection_pool_name: poolName };
  const totals = pool.getTotals?.();
  return [...levels(pool, labels), ...(totals === undefined ? [] : counts(totals, labels))];
}

function levels(pool: MeasuredPool, labels: Labels): MetricFamily[] {
  const stats = pool.getStats();
  const { idleCount, usedCount, connectingCount, closingCount, waitingCount, max, min, maxReason } = stats;
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    name,
    type: "gauge",
    help,
    samples: [{ labels, value }],
  });
  const state = (value: number, name: string): Sample => ({
    labels: { ...labels, db_client_connection_state: name },
    value,
  });
  return [
    {
      name: "db_client_connection_count",
      type: "gauge",
      help: "Open connections, by state.",
      // Without those that are being opened: no one can use them yet.
      samples: [state(idleCount, "idle"), state(usedCount, "used")],
    },
    gauge("db_client_connection_limit", "Most connections allowed.", max),
    {
      name: "openhouse_pool_size_reason",
      type: "gauge",
      help: "Why a pool that sizes itself has the limit that it has.",
      samples:
        maxReason === undefined
          ? []
          : SIZE_REASONS.map((reason) => ({
              labels: { ...labels, reason },
              value: Number(reason === maxReason),
            })),
    },
    gauge("db_client_connection_idle_max", "Most idle connections allowed.", max),
    gauge("db_client_connection_idle_min", "Fewest idle connections kept.", min),
    gauge("db_client_connection_pending_requests", "Callers who wait for a connection.", waitingCount),
    gauge("openhouse_pool_connecting", "Connections that are being opened.", connectingCount),
    gauge("openhouse_pool_closing", "Connections closed with a statement under way.", closingCount),
    gauge(
      "openhouse_pool_oldest_waiter_seconds",
      "How long the caller who came first has waited.",
      (pool.oldestWaiterMs ?? 0) / 1_000,
    ),
  ];
}

function counts(totals: PoolTotals, labels: Labels): MetricFamily[] {
  const counter = (name: string, help: string, value: number): MetricFamily => ({
    name,
    type: "counter",
    help,
    samples: [{ labels, value }],
  });
  const histogram = (name: string, help: string, value: Histogram): MetricFamily => ({
    name,
    type: "histogram",
    help,
    samples: [{ labels, value }],
  });
  const by = (label: string, values: readonly string[], of: Readonly<Record<string, number>>): Sample[] =>
    values.map((value) => ({ labels: { ...labels, [label]: value }, value: of[value] ?? 0 }));
  const { acquired, timeouts, canceled, shed, created, connectErrors, destroyed, leaked } = totals;
  const { wait, use, create, run, statementErrors, routes, cancelRequests, statements } = totals;
  return [
    counter("db_client_connection_timeouts_total", "Callers who waited for a connection in vain.", timeouts),
    histogram("db_client_connection_wait_time_seconds", "How long callers waited for a connection.", wait),
    histogram("db_client_connection_use_time_seconds", "How long callers held a connection.", use),
    histogram("db_client_connection_create_time_seconds", "How long opening a connection took.", create),
    histogram("db_client_operation_duration_seconds", "How long statements took.", run),
    counter("openhouse_pool_acquired_total", "Callers who got a connection.", acquired),
    counter("openhouse_pool_canceled_total", "Callers who gave up waiting for a connection.", canceled),
    counter("openhouse_pool_shed_total", "Callers refused because too many wait.", shed),
    counter("openhouse_pool_created_total", "Connections opened.", created),
    counter("openhouse_pool_leaked_total", "Connections held longer than the threshold.", leaked),
    {
      name: "openhouse_pool_connect_errors_total",
      type: "counter",
      help: "Attempts to connect that failed, by kind.",
      samples: by("kind", KINDS, connectErrors),
    },
    {
      name: "openhouse_pool_destroyed_total",
      type: "counter",
      help: "Connections destroyed, by reason.",
      samples: by("reason", REASONS, destroyed),
    },
    {
      name: "openhouse_pool_statement_errors_total",
      type: "counter",
      help: "Statements that failed, by kind.",
      samples: by("kind", KINDS, statementErrors),
    },
    ...routeFamilies(routes, labels),
    counter(
      "openhouse_pool_cancel_requests_total",
      "Statements the server was asked to cancel.",
      cancelRequests,
    ),
    counter("openhouse_pool_name_hits_total", "Executions of a statement prepared before.", statements.hits),
    counter("openhouse_pool_names_prepared_total", "Statements prepared under a name.", statements.prepared),
    counter("openhouse_pool_names_evicted_total", "Names that made room for another.", statements.evicted),
    counter("openhouse_pool_names_given_up_total", "Names given up otherwise.", statements.givenUp),
    {
      name: "openhouse_pool_names_off",
      type: "gauge",
      help: "Whether no statement is named by itself, and why.",
      samples: by("reason", NAMES_OFF, statements.off === undefined ? {} : { [statements.off]: 1 }),
    },
  ];
}

/**
 * Of each route the kinds that any route has had: all of them for each would be a thousand series that stay 0. Alerts read the
 * pool's own counters, which have every kind from the start.
 */
function routeFamilies(routes: PoolTotals["routes"], labels: Labels): MetricFamily[] {
  const all = Object.entries(routes).map(([route, totals]) => ({ labels: { ...labels, route }, totals }));
  const kinds = KINDS.filter((kind) => all.some(({ totals }) => kind in totals.errors));
  return [
    {
      name: "openhouse_route_statement_duration_seconds",
      type: "histogram",
      help: "How long the statements of a route took.",
      samples: all.map(({ labels, totals }) => ({ labels, value: totals.run })),
    },
    {
      name: "openhouse_route_statement_errors_total",
      type: "counter",
      help: "Statements of a route that failed, by kind.",
      samples: all.flatMap(({ labels, totals: { errors } }) =>
        kinds.map((kind) => ({ labels: { ...labels, kind }, value: countOf(errors, kind) })),
      ),
    },
  ];
}

function countOf(errors: Readonly<Record<string, number>>, kind: string): number {
  return errors[kind] ?? 0;
}
