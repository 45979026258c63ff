import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { db, disconnect, nameProcess } from "@openhouse/db/client";
import { databaseMetrics } from "@openhouse/db/metrics";
import { eventLoopFamilies, type MetricFamily, renderMetrics } from "@openhouse/pool/http";
import { createTestDatabase, repositoryRoot, waitFor } from "@openhouse/pool-testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { dashboardText, queriesOf } from "../support/monitoring/dashboard.ts";

// promtool and amtool: Debian's prometheus and prometheus-alertmanager.
const run = promisify(execFile);
const CASES = ["rules.test.yml", "rules.slow.test.yml"];
const SOURCES = join(repositoryRoot(), "deploy/monitoring");
const rules = readFileSync(join(SOURCES, "rules.yml"), "utf8");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openhouse-monitoring-"));
  await cp(SOURCES, folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the rules' own tests on other rules. */
async function testsPassWith(changedRules: string): Promise<boolean> {
  await writeFile(join(folder, "rules.yml"), changedRules);
  const checked = run("promtool", ["test", "rules", ...CASES.map((name) => join(folder, name))]);
  return checked.then(
    () => true,
    () => false,
  );
}

const alertsOf = (text: string) => [...text.matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);

test("Prometheus takes the rules, and each fires where it should and stays silent where it should", async () => {
  expect((await run("promtool", ["check", "rules", join(SOURCES, "rules.yml")])).stdout).toContain("SUCCESS");
  await run("promtool", ["test", "rules", ...CASES.map((name) => join(SOURCES, name))]);
});

test("each alert has a case in which it fires and one in which it does not, and a row in the manual", async () => {
  const cases = (await Promise.all(CASES.map((name) => readFile(join(SOURCES, name), "utf8")))).join("\n");
  const manual = await readFile(join(repositoryRoot(), "docs/operating/monitoring.md"), "utf8");
  const alerts = alertsOf(rules);
  expect(alerts.length).toBeGreaterThan(0);
  for (const alert of alerts) {
    expect(cases).toMatch(new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`));
    expect(cases).toMatch(new RegExp(`alertname: ${alert}\n\\s+exp_alerts:`));
    expect(manual).toContain(`| \`${alert}\` |`);
  }
});

test("the rules read nothing that is not exported", async () => {
  const manual = await readFile(join(repositoryRoot(), "docs/operating/monitoring.md"), "utf8");
  const metrics = rules.match(/\b(openhouse|db_client)_\w+/g) ?? [];
  const labels = /^db_client_connection_(state|pool_name)$/;
  for (const metric of metrics.filter((name) => !labels.test(name)))
    expect(manual).toContain(`\`${metric.replace(/_seconds_(sum|count|bucket)$/, "_seconds")}\``);
});

describe("the rules' tests notice", () => {
  test.each([
    [
      "that ten at the first sample wake somebody",
      "pending_requests > 5\n        for: 30s\n",
      "pending_requests > 5\n",
    ],
    ["a bound of five callers that is gone", "pending_requests > 5", "pending_requests > 15"],
    [
      "an unused pool that is taken for a full one",
      "and ignoring (db_client_connection_state) pool:connections_used:ratio >= 1",
      "",
    ],
    [
      "a pool that grows and is taken for a full one",
      /\n +unless ignoring \(db_client_connection_state\) .*/,
      "",
    ],
    ["one that may grow, and does not", " and min_over_time(pool:connections_used:ratio[2m]) < 1", ""],
    [
      "one that is as small as it may be, and is taken for too small",
      "> 0.75 unless pool:may_grow",
      "> 0.75",
    ],
    ["one that may have no more", 'reason=~"start|waiting|enough"', 'reason=~".+"'],
    [
      "that an alert about callers ends with the minute",
      /(timeouts_total\[1m\]\) > 0\n) +keep_firing_for: 2m\n/,
      "$1",
    ],
    [
      "that an alert about the refused ends with the minute",
      /(shed_total\[1m\]\) > 0\n) +keep_firing_for: 2m\n/,
      "$1",
    ],
    ["a database that is told to be down at its second failure", "failures >= 3", "failures >= 2"],
    ["an outage that is forgotten before the pool's alerts have ended", "failures[6m]", "failures[3m]"],
    ["one that is told to be slow although it is silent", " and openhouse_database_up == 1", ""],
    ["one that is told to be slow at once", "        for: 1m\n", ""],
    [
      "connections that leave by routine and are told of",
      '{reason!~"idle|expired|used_up|retired|shrunk|closed"}',
      "",
    ],
    ["a restart of the server that is taken for churn", "[5m]) > 0.2\n        for: 5m", "[5m]) > 0"],
    ["a busy quarter of an hour that is taken for a pool too small", "for: 30m", "for: 10m"],
    ["a pool too small that is not told of", "> 0.75", "> 0.9"],
    ["callers' own faults that burn the budget", /kind!~"constraint\|/g, 'kind!~"'],
    [
      "callers who are not served and burn no budget",
      /\n +\+ rate\(db_client_connection_timeouts_total.*/g,
      "",
    ],
    ["a blip that wakes somebody", / and pool:failed:ratio_rate1h > 14.4 \* 0.001/, ""],
    ["a statement that waits for a moment", "blocked_seconds > 10", "blocked_seconds > 2"],
    [
      "that an alert about locks ends with the statement's deadline",
      /(blocked_seconds > 10\n) +keep_firing_for: 2m\n/,
      "$1",
    ],
    ["a transaction that is open for a minute", "transaction_seconds > 300", "transaction_seconds > 30"],
    [
      "a replica that is behind for two minutes",
      "streaming == 0\n        for: 5m",
      "streaming == 0\n        for: 1m",
    ],
    ["a dead receiver that nobody is told of", " or openhouse_replica_streaming == 0", ""],
    ["portals that say nothing", "absent(db_client_connection_limit)", "absent(up)"],
  ])("%s", async (_what, search, replace) => {
    const changed = rules.replace(search, replace);
    expect(changed).not.toBe(rules);
    expect(await testsPassWith(changed)).toBe(false);
  });

  test.each(alertsOf(rules))("%s, when it is taken out", async (alert) => {
    const changed = rules.replace(new RegExp(`      - alert: ${alert}\n(        .*\n)+`), "");
    expect(alertsOf(changed)).toHaveLength(alertsOf(rules).length - 1);
    expect(await testsPassWith(changed)).toBe(false);
  });
});

test("Alertmanager takes its settings: what is critical reaches the pager, and the rest becomes a ticket", async () => {
  const file = join(SOURCES, "alertmanager.yml");
  expect((await run("amtool", ["check-config", file])).stdout).toContain("SUCCESS");
  const receiver = async (...labels: string[]) => {
    const { stdout } = await run("amtool", ["config", "routes", "test", `--config.file=${file}`, ...labels]);
    return stdout.trim();
  };
  expect(await receiver("alertname=DatabaseDown", "severity=critical")).toBe("pager");
  expect(await receiver("alertname=PoolNoIdle", "severity=warning")).toBe("tickets");
  expect(await receiver("alertname=DatabaseDownLately", "severity=none")).toBe("nobody");
});

test("while the database is down, or was lately, every alert about its pool is silent, and that there are no figures is not", async () => {
  const settings = await readFile(join(SOURCES, "alertmanager.yml"), "utf8");
  const [, silent = ""] =
    /target_matchers: \['alertname=~"([^"]+)"'\]\n +equal: \[instance\]/.exec(settings) ?? [];
  expect(settings).toContain(`source_matchers: ['alertname="DatabaseDownLately"']`);
  const loud = ["DatabaseDown", "DatabaseDownLately", "DatabaseSlow", "HostRoleChanged", "PoolMetricsAbsent"];
  expect([...silent.split("|"), ...loud].sort()).toEqual(alertsOf(rules).sort());
});

/** What the scrape of a portal has to tell, with statements of a route, one of which has failed. */
async function scrapedFamilies(): Promise<MetricFamily[]> {
  const database = await createTestDatabase();
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("DB_ROLE_CHECK", "off");
  vi.stubEnv("DB_POOL_MAX", "auto"); // what a pool of fixed size does not tell is there too
  nameProcess("tenant", () => "/documents/[id]");
  try {
    await db.execute("select 1");
    await db.execute("select 1/0").catch(() => {});
    let families: MetricFamily[] = [];
    const isWhole = async () => {
      families = [...(await databaseMetrics()), ...eventLoopFamilies()];
      return [
        "openhouse_database_up",
        "openhouse_database_blocked_statements",
        "openhouse_event_loop_delay_max_seconds",
      ].every((name) => families.some((family) => family.name === name));
    };
    await waitFor(isWhole, {
      what: "a probe and a reading of the locks to be over, and the event loop to have been looked at",
      timeoutMs: 20_000,
    });
    return families;
  } finally {
    await disconnect();
    vi.unstubAllEnvs();
    await database.drop();
  }
}

describe("the dashboard", () => {
  const committed = readFileSync(join(SOURCES, "dashboard.json"), "utf8");
  const queries = queriesOf(committed);

  test("is what npm run dashboard makes", () => {
    expect(committed).toBe(dashboardText());
  });

  test("asks what Prometheus understands", async () => {
    const file = join(folder, "dashboard.rules.yml");
    const asked = queries.map((expr, index) => ({ record: `panel:query:${index}`, expr }));
    expect(asked.length).toBeGreaterThan(15);
    await writeFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules: asked }] })); // JSON is YAML
    expect((await run("promtool", ["check", "rules", file])).stdout).toContain(`${asked.length} rules found`);
  });

  test("names the metrics of a real scrape and no others, and Prometheus takes that scrape", async () => {
    const families = await scrapedFamilies();
    const series = new Set(
      families.flatMap(({ name, type }) =>
        type === "histogram" ? ["_bucket", "_sum", "_count"].map((part) => name + part) : [name],
      ),
    );
    const labels = /^db_client_connection_(state|pool_name)$/;
    const named = queries.flatMap((expr) => expr.match(/\b(?:openhouse|db_client)_\w+/g) ?? []);
    expect(named.filter((name) => !labels.test(name) && !series.has(name))).toEqual([]);
    const text = renderMetrics(families);
    expect(text).toContain('route="/documents/[id]",kind="data"} 1');
    // Of a name that OpenTelemetry's conventions give promtool says that it looks like a histogram's.
    const known = "db_client_connection_count non-histogram and non-summary metrics should not have";
    const checked = run("sh", ["-c", `promtool check metrics < "$0"`, await written(text)]);
    const said = await checked.then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
    expect(said.split("\n").filter((line) => line !== "" && !line.startsWith(known))).toEqual([]);
  });
});

async function written(text: string): Promise<string> {
  const file = join(folder, "scrape.txt");
  await writeFile(file, text);
  return file;
}
