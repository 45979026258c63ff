import { readFileSync } from "node:fs";
import { eventLoopFamilies, type MetricFamily } from "@openhouse/pool/http";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { disconnect, forTenant, getPoolStats } from "../src/client.ts";
import { lastActivity } from "../src/last-activity.ts";
import { databaseMetrics } from "../src/metrics.ts";
import { developments } from "../src/schema/index.ts";
import { usePortalDatabase } from "./support/portal-database.ts";
import { NORTHGATE } from "./support/tenants.ts";

const database = usePortalDatabase();

const first = (families: MetricFamily[], name: string) =>
  families.find((family) => family.name === name)?.samples[0]?.value;

/** The first scrape asks for a probe and for a reading of the locks, and waits for neither. */
async function afterProbe(): Promise<MetricFamily[]> {
  let families: MetricFamily[] = [];
  const isThere = async () => {
    families = await databaseMetrics();
    return ["openhouse_database_up", "openhouse_database_blocked_statements"].every(
      (name) => first(families, name) !== undefined,
    );
  };
  await waitFor(isThere, { what: "a probe and a reading to be over", timeoutMs: 20_000 });
  return families;
}

test("there is nothing to tell before the first use, and afterwards pool, shares, retries and the probe", async () => {
  await disconnect();
  expect(await databaseMetrics()).toEqual([]);
  await forTenant(NORTHGATE).select().from(developments);
  const families = await afterProbe();
  expect(first(families, "openhouse_database_up")).toBe(1);
  expect(first(families, "openhouse_retry_tokens")).toBe(500);
  expect(JSON.stringify(families)).not.toContain(NORTHGATE);
});

test("who waits for a lock, and the oldest transaction, are told by what the probe's connection has read", async () => {
  const clients = await Promise.all(
    ["holder", "first", "second"].map(async (application_name) => {
      const client = new pg.Client({ connectionString: database().appUrl, application_name });
      await client.connect();
      return client;
    }),
  );
  const [holder, ...waiters] = clients;
  const isTold = async () => {
    const families = await databaseMetrics();
    return Number(first(families, "openhouse_database_oldest_transaction_seconds")) > 1 && families;
  };
  try {
    await forTenant(NORTHGATE).select().from(developments);
    await holder?.query("begin; select pg_advisory_xact_lock(78)");
    const waiting = waiters.map((each) => each.query("select pg_advisory_xact_lock(78)"));
    const families = await waitFor(isTold, { what: "the transaction to be read", timeoutMs: 20_000 });
    // Of two who wait for one lock the second waits for the first as well: three pairs, and two statements.
    expect(lastActivity.activity?.pairsCount).toBe(3);
    expect(first(families, "openhouse_database_blocked_statements")).toBe(2);
    expect(first(families, "openhouse_database_longest_blocked_seconds")).toBeGreaterThan(0);
    expect(getPoolStats().usedCount).toBe(0);
    await holder?.query("commit");
    await Promise.all(waiting);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
});

test("docs/operating/monitoring.md has every metric that is exported, and no other", async () => {
  await disconnect();
  vi.stubEnv("DATABASE_URL_REPLICAS", database().appUrl);
  await forTenant(NORTHGATE).select().from(developments);
  const loop = await waitFor(
    () => {
      const families = eventLoopFamilies();
      return families.length > 0 && families;
    },
    { what: "the event loop to have been looked at" },
  );
  const exported = [...(await afterProbe()), ...loop].map(({ name }) => name);
  const page = readFileSync(new URL("../../../docs/operating/monitoring.md", import.meta.url), "utf8");
  const [, section = ""] = page.split(/^## Metrics$|^## Alerts$/m);
  const rows = section.match(/^\| `.*$/gm) ?? [];
  const documented = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(documented.sort()).toEqual(exported.sort());
});
