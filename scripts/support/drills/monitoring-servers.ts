import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import {
  findFreePort,
  type GuardedProcess,
  repositoryRoot,
  spawnGuarded,
  waitFor,
} from "@openhouse/pool-testing";
import { relay } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";

const SOURCES = join(repositoryRoot(), "deploy/monitoring");
const ENDS_WITHIN_MS = 10_000;

/** An alert as a receiver was told of it. */
export interface Told {
  readonly atMs: number;
  readonly name: string;
  readonly status: "firing" | "resolved";
  readonly receiver: string;
}

/** Somebody whom Alertmanager tells. */
export class Receiver {
  readonly told: Told[] = [];
  readonly #server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      this.#hear(body);
      response.end();
    });
  });

  async listen(): Promise<string> {
    const port = await findFreePort();
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${port}/`;
  }

  /** When it first heard so after a moment, on the clock of `performance.now()`. */
  heardAtMs({ name, status, receiver }: Omit<Told, "atMs">, sinceMs: number): number | undefined {
    const isIt = (each: Told) => each.name === name && each.status === status && each.receiver === receiver;
    return this.told.find((each) => isIt(each) && each.atMs >= sinceMs)?.atMs;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #hear(body: string): void {
    const { alerts, receiver }: Notification = JSON.parse(body);
    const atMs = performance.now();
    for (const { status, labels } of alerts)
      this.told.push({ atMs, name: labels.alertname, status, receiver });
  }
}

/** Alertmanager's message, as far as it is read here. */
interface Notification {
  readonly receiver: string;
  readonly alerts: readonly {
    readonly status: Told["status"];
    readonly labels: { readonly alertname: string };
  }[];
}

/** A server of Debian's that is asked over HTTP. */
export interface MonitoringServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Alertmanager with our routes; each receiver is a web address, and waits a second in place of its usual half a minute. */
export async function startAlertmanager(folder: string, receiverUrl: string): Promise<MonitoringServer> {
  const ours = await readFile(join(SOURCES, "alertmanager.yml"), "utf8");
  const settings = ours
    .replace("  receiver: tickets\n", "  receiver: tickets\n  group_wait: 1s\n  group_interval: 1s\n")
    .replace(
      /^ {2}- name: (pager|tickets)$/gm,
      `$&\n    webhook_configs: [{ url: "${receiverUrl}", send_resolved: true }]`,
    );
  const file = join(folder, "alertmanager.yml");
  await writeFile(file, settings);
  return await start("prometheus-alertmanager", folder, (address) => [
    `--config.file=${file}`,
    `--storage.path=${join(folder, "alertmanager")}`,
    `--web.listen-address=${address}`,
    "--cluster.listen-address=", // alone
  ]);
}

/** Prometheus with our rules, which scrapes a portal each second. */
export async function startPrometheus(
  folder: string,
  portalUrl: string,
  alertmanagerUrl: string,
): Promise<MonitoringServer> {
  const hostOf = (url: string) => new URL(url).host;
  const file = join(folder, "prometheus.yml");
  const settings = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [join(SOURCES, "rules.yml")],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [hostOf(alertmanagerUrl)] }] }] },
    scrape_configs: [
      {
        job_name: "openhouse",
        metrics_path: "/api/metrics",
        static_configs: [{ targets: [hostOf(portalUrl)] }],
      },
    ],
  };
  await writeFile(file, JSON.stringify(settings)); // JSON is YAML
  return await start("prometheus", folder, (address) => [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, "prometheus")}`,
    `--web.listen-address=${address}`,
  ]);
}

/** @throws {UserError} it is not installed, or does not start; the message has its last lines. */
async function start(
  command: string,
  folder: string,
  argsFor: (address: string) => readonly string[],
): Promise<MonitoringServer> {
  const address = `127.0.0.1:${await findFreePort()}`;
  const url = `http://${address}`;
  const server = await spawnGuarded({
    command,
    args: argsFor(address),
    signal: "TERM",
    graceSeconds: 5,
    cwd: folder,
    env: process.env,
    output: "pipe",
  });
  const lines: string[] = [];
  relay(server.output, (line) => lines.push(line));
  let hasEnded = false;
  void server.exited.then(() => {
    hasEnded = true;
  });
  const stop = () => end(server);
  try {
    await waitFor(async () => hasEnded || (await isReady(url)), {
      timeoutMs: 30_000,
      intervalMs: 100,
      what: `${command} to be ready`,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  if (hasEnded)
    throw new UserError(
      `${command} did not start. Debian has it in its packages prometheus and prometheus-alertmanager.\n${lines.slice(-3).join("\n")}`,
    );
  return { url, stop };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

async function end({ pid, exited }: GuardedProcess): Promise<void> {
  let hasEnded = false;
  const ended = exited.then(() => {
    hasEnded = true;
  });
  const send = (signal: NodeJS.Signals) => {
    if (!hasEnded) process.kill(pid, signal);
  };
  await Promise.resolve(); // one that is over already has told so by now
  send("SIGTERM");
  const timer = setTimeout(() => send("SIGKILL"), ENDS_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
