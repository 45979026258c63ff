import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@openhouse/pool-testing";
import type { Portal } from "@openhouse/tooling/portals/portals";
import { type MonitoringServer, Receiver, startAlertmanager, startPrometheus } from "./monitoring-servers.ts";
import { Stage } from "./stage.ts";

const ALERT = "DatabaseDown";
/** Whom it is for. */
const WOKEN = "pager";
/** An alert about a database that is away for good comes within that time, as does the word that it is back. */
const TOLD_WITHIN_MS = 60_000;
const SETTLES_WITHIN_MS = 30_000;
/** Alerts look back, a minute for most of them, and are kept for two more. */
const CALM_WITHIN_MS = 420_000;

/** How an alert went, in milliseconds. */
export interface AlertReport {
  /** From the server's end until somebody was told. */
  readonly firedMs: number;
  /** From its start until somebody was told that it is over. */
  readonly resolvedMs: number;
  /** What else somebody was told of, until no alert is left. */
  readonly others: readonly string[];
}

/**
 * Stops the database under a built portal, which a real Prometheus scrapes, and starts it again: {@link ALERT} has to reach a
 * receiver of Alertmanager's, and its end as well, and nothing else may.
 *
 * @throws {Error} the pager was not told of one of them within a minute.
 */
export async function drillAlerts(portal: Portal): Promise<AlertReport> {
  const folder = await mkdtemp(join(tmpdir(), "openhouse-alerts-"));
  const receiver = new Receiver();
  const servers: MonitoringServer[] = [];
  const stage = await Stage.open("alerts", portal, {});
  try {
    const alertmanager = await startAlertmanager(folder, await receiver.listen());
    servers.push(alertmanager);
    const prometheus = await startPrometheus(folder, stage.origin, alertmanager.url);
    servers.unshift(prometheus);
    await waitFor(() => isScraped(prometheus.url), {
      timeoutMs: SETTLES_WITHIN_MS,
      what: "Prometheus to have scraped a portal whose database is up",
    });

    const stoppedAtMs = performance.now();
    await stage.proxy.refuse();
    await stage.server.kill();
    const firedAtMs = await told(receiver, "firing", stoppedAtMs);

    await stage.server.restart();
    await stage.proxy.accept();
    const startedAtMs = performance.now();
    const resolvedAtMs = await told(receiver, "resolved", startedAtMs);
    await waitFor(() => isCalm(prometheus.url), {
      timeoutMs: CALM_WITHIN_MS,
      intervalMs: 1_000,
      what: "all other alerts to end",
    });
    const others = receiver.told.filter(({ name }) => name !== ALERT).map(({ name }) => name);
    return {
      firedMs: firedAtMs - stoppedAtMs,
      resolvedMs: resolvedAtMs - startedAtMs,
      others: [...new Set(others)],
    };
  } finally {
    for (const server of servers) await server.stop();
    await receiver.close();
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function isScraped(prometheusUrl: string): Promise<boolean> {
  return (await countOf(prometheusUrl, "openhouse_database_up == 1")) > 0;
}

/** Whether nothing fires any more but what wakes nobody. */
async function isCalm(prometheusUrl: string): Promise<boolean> {
  return (await countOf(prometheusUrl, `ALERTS{alertstate="firing",severity!="none"}`)) === 0;
}

async function countOf(prometheusUrl: string, query: string): Promise<number> {
  const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data }: { data?: { result: readonly unknown[] } } = await answer.json();
  return data?.result.length ?? 0;
}

function told(receiver: Receiver, status: "firing" | "resolved", sinceMs: number): Promise<number> {
  return waitFor(() => receiver.heardAtMs({ name: ALERT, status, receiver: WOKEN }, sinceMs) ?? false, {
    timeoutMs: TOLD_WITHIN_MS,
    intervalMs: 50,
    what: `the ${WOKEN} to be told that ${ALERT} is ${status}`,
  });
}
