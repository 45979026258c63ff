import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** One query of a panel. `$instance` and `$__rate_interval` are Grafana's. */
interface Query {
  readonly expr: string;
  /** The name of a line, with labels in braces. */
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly description: string;
  /** Grafana's word for it: `s`, `short`, `ops`. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const OF = 'instance=~"$instance"';
const RATE = "[$__rate_interval]";
const BY_INSTANCE = "{{instance}}";

const gauge = (name: string, legend: string, labels = "") => ({ expr: `${name}{${OF}${labels}}`, legend });
const rate = (name: string, by: string, legend: string, labels = "") => ({
  expr: `sum by (${by}) (rate(${name}{${OF}${labels}}${RATE}))`,
  legend,
});
const quantile = (part: number, name: string, by: string, legend: string) => ({
  expr: `histogram_quantile(${part}, sum by (le, ${by}) (rate(${name}_bucket{${OF}}${RATE})))`,
  legend,
});

/** In the order in which somebody who was woken asks: is it there, who waits, what fails, where. */
const ROWS: readonly { readonly title: string; readonly panels: readonly Panel[] }[] = [
  {
    title: "Database",
    panels: [
      {
        title: "Answers",
        description: "1 while the last probe was answered; where not, why, by kind.",
        unit: "short",
        queries: [
          gauge("openhouse_database_up", `up ${BY_INSTANCE}`),
          gauge("openhouse_database_error", `{{kind}} ${BY_INSTANCE}`),
        ],
      },
      {
        title: "Latency of the probe",
        description: "Above 0.5 s for a minute is DatabaseSlow.",
        unit: "s",
        queries: [gauge("openhouse_database_latency_seconds", BY_INSTANCE)],
      },
      {
        title: "Probes failed in a row",
        description: "Three are DatabaseDown.",
        unit: "short",
        queries: [gauge("openhouse_database_consecutive_failures", BY_INSTANCE)],
      },
      {
        title: "Statements that wait for a lock",
        description: "Every instance sees the same ones.",
        unit: "short",
        queries: [gauge("openhouse_database_blocked_statements", BY_INSTANCE)],
      },
      {
        title: "Longest wait for a lock",
        description: "Above 10 s is DatabaseStatementsBlocked.",
        unit: "s",
        queries: [gauge("openhouse_database_longest_blocked_seconds", BY_INSTANCE)],
      },
      {
        title: "Oldest transaction",
        description: "Above five minutes is DatabaseTransactionOpen.",
        unit: "s",
        queries: [gauge("openhouse_database_oldest_transaction_seconds", BY_INSTANCE)],
      },
    ],
  },
  {
    title: "Pool",
    panels: [
      {
        title: "Connections",
        description: "In use and idle, of all instances together, beneath the limit.",
        unit: "short",
        queries: [
          {
            expr: `sum by (db_client_connection_state) (db_client_connection_count{${OF}})`,
            legend: "{{db_client_connection_state}}",
          },
          { expr: `sum(db_client_connection_limit{${OF}})`, legend: "limit" },
        ],
      },
      {
        title: "Size of a pool that sizes itself",
        description:
          "The limit of each, and why: share and refused may have no more, the others grow where callers wait.",
        unit: "short",
        queries: [
          {
            expr: `max without (reason) (openhouse_pool_size_reason{${OF}}) * db_client_connection_limit{${OF}}`,
            legend: BY_INSTANCE,
          },
          { expr: `openhouse_pool_size_reason{${OF}} == 1`, legend: `${BY_INSTANCE}: {{reason}}` },
        ],
      },
      {
        title: "Callers who wait",
        description: "More than five for half a minute are PoolSaturated.",
        unit: "short",
        queries: [gauge("db_client_connection_pending_requests", BY_INSTANCE)],
      },
      {
        title: "Wait for a connection",
        description: "How long callers waited, and how long the one has who is next.",
        unit: "s",
        queries: [
          quantile(0.5, "db_client_connection_wait_time_seconds", "instance", `median ${BY_INSTANCE}`),
          quantile(0.99, "db_client_connection_wait_time_seconds", "instance", `99th ${BY_INSTANCE}`),
          gauge("openhouse_pool_oldest_waiter_seconds", `next ${BY_INSTANCE}`),
        ],
      },
      {
        title: "Callers not served",
        description: "Who waited in vain, was refused because too many waited, or gave up.",
        unit: "ops",
        queries: [
          rate("db_client_connection_timeouts_total", "instance", `in vain ${BY_INSTANCE}`),
          rate("openhouse_pool_shed_total", "instance", `refused ${BY_INSTANCE}`),
          rate("openhouse_pool_canceled_total", "instance", `gave up ${BY_INSTANCE}`),
        ],
      },
      {
        title: "Connections opened and destroyed",
        description: "By reason; what each means is in docs/operating/monitoring.md.",
        unit: "ops",
        queries: [
          rate("openhouse_pool_created_total", "instance", `opened ${BY_INSTANCE}`),
          rate("openhouse_pool_destroyed_total", "reason", "{{reason}}"),
        ],
      },
      {
        title: "Attempts to connect that failed",
        description: "By kind.",
        unit: "ops",
        queries: [rate("openhouse_pool_connect_errors_total", "kind", "{{kind}}")],
      },
    ],
  },
  {
    title: "Statements",
    panels: [
      {
        title: "Statements",
        description: "By instance.",
        unit: "ops",
        queries: [rate("db_client_operation_duration_seconds_count", "instance", BY_INSTANCE)],
      },
      {
        title: "How long they take",
        description: "Median and 95th percentile.",
        unit: "s",
        queries: [
          quantile(0.5, "db_client_operation_duration_seconds", "instance", `median ${BY_INSTANCE}`),
          quantile(0.95, "db_client_operation_duration_seconds", "instance", `95th ${BY_INSTANCE}`),
        ],
      },
      {
        title: "Statements that failed",
        description: "By kind.",
        unit: "ops",
        queries: [rate("openhouse_pool_statement_errors_total", "kind", "{{kind}}")],
      },
    ],
  },
  {
    title: "Routes",
    panels: [
      {
        title: "95th percentile by route",
        description: "The ten slowest.",
        unit: "s",
        queries: [
          {
            expr: `topk(10, ${quantile(0.95, "openhouse_route_statement_duration_seconds", "route", "").expr})`,
            legend: "{{route}}",
          },
        ],
      },
      {
        title: "Statements by route",
        description: "The ten busiest.",
        unit: "ops",
        queries: [
          {
            expr: `topk(10, ${rate("openhouse_route_statement_duration_seconds_count", "route", "").expr})`,
            legend: "{{route}}",
          },
        ],
      },
      {
        title: "Statements that failed by route",
        description: "With their kind.",
        unit: "ops",
        queries: [rate("openhouse_route_statement_errors_total", "route, kind", "{{route}}: {{kind}}")],
      },
    ],
  },
  {
    title: "Process",
    panels: [
      {
        title: "Delay of the event loop",
        description:
          "99th percentile, and the longest since the scrape before: one that is blocked reads no answers.",
        unit: "s",
        queries: [
          gauge("openhouse_event_loop_delay_p99_seconds", `99th ${BY_INSTANCE}`),
          gauge("openhouse_event_loop_delay_max_seconds", `longest ${BY_INSTANCE}`),
        ],
      },
      {
        title: "Shares of the pool",
        description: "Who waits for a turn: jobs, and visitors who are not signed in.",
        unit: "short",
        queries: [gauge("openhouse_share_waiting", `{{share}} ${BY_INSTANCE}`)],
      },
      {
        title: "Work that was run again",
        description: "And what was not, because the budget was spent.",
        unit: "ops",
        queries: [
          rate("openhouse_retries_total", "instance", `again ${BY_INSTANCE}`),
          rate("openhouse_retries_refused_total", "instance", `refused ${BY_INSTANCE}`),
        ],
      },
    ],
  },
];

const DATASOURCE = { type: "prometheus", uid: "$datasource" };
const PANELS_A_ROW = 3;
const WIDTH = 24;
const HEIGHT = 8;

/** The Grafana dashboard, as the JSON file that is imported or provisioned. */
export function dashboardText(): string {
  const dashboard = new DashboardBuilder("OpenHouse database")
    .uid("openhouse-database")
    .description("Made by npm run dashboard of the metrics in docs/operating/monitoring.md.")
    .tags(["openhouse"])
    .refresh("30s")
    .time({ from: "now-1h", to: "now" })
    .timezone("utc") // as the log and the Database page
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .withVariable(
      new QueryVariableBuilder("instance")
        .label("Instance")
        .datasource(DATASOURCE)
        .query("label_values(db_client_connection_limit, instance)")
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue(".*"),
    );
  for (const { title, panels } of ROWS) {
    dashboard.withRow(new RowBuilder(title));
    for (const panel of panels) dashboard.withPanel(toPanel(panel));
  }
  return `${JSON.stringify(dashboard.build(), null, 2)}\n`;
}

function toPanel({ title, description, unit, queries }: Panel): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .min(0)
    .span(WIDTH / PANELS_A_ROW)
    .height(HEIGHT);
  for (const { expr, legend } of queries)
    panel.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend).range());
  return panel;
}

/** Every query of a dashboard's file, as Prometheus is asked where all instances are chosen. */
export function queriesOf(text: string): string[] {
  const found: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (key === "expr" && typeof value === "string") found.push(value);
    return value;
  });
  return found.map((expr) => expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m"));
}
