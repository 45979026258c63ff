import { readFileSync } from "node:fs";
import { eventLoopFamilies, type MetricFamily } from "@openhouse/pool/http";
import { waitFor } from "@openhouse/pool-testing";
import { expect, test, vi } from "vitest";
import { disconnect, forTenant } from "../src/client.ts";
import { databaseMetrics } from "../src/metrics.ts";
import { developments } from "../src/schema/index.ts";
import { usePortalDatabase } from "./support/portal-database.ts";
import { NORTHGATE } from "./support/tenants.ts";

const database = usePortalDatabase();

const first = (families: MetricFamily[], name: string) =>
  families.find((family) => family.name === name)?.samples[0]?.value;

/** The first scrape asks for a probe, and does not wait for it. */
async function afterProbe(): Promise<MetricFamily[]> {
  let families: MetricFamily[] = [];
  const isThere = async () => {
    families = await databaseMetrics();
    return first(families, "openhouse_database_up") !== undefined;
  };
  await waitFor(isThere, { what: "a probe to be over" });
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
