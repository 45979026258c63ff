import { startFaultProxy } from "@openhouse/pool-testing";
import type pg from "pg";
import { afterEach, expect, test } from "vitest";
import { HealthProbe, type ProbeQuestion } from "../src/health/probe.ts";
import type { HealthKind } from "../src/health/verdict.ts";
import { Client } from "../src/query/client.ts";
import { useDatabase } from "./support/pools.ts";

// Of the closed list those that no other test of health makes: health.test.ts, health-evidence.test.ts and the poolers' have the rest.
const NOBODY = {
  totalCount: 0,
  idleCount: 0,
  waitingCount: 0,
  usedCount: 0,
  connectingCount: 0,
  closingCount: 0,
  max: 2,
  min: 0,
};
const database = useDatabase();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function kindOf(options: object, ask?: ProbeQuestion): Promise<string | undefined> {
  const probe = new HealthProbe(() => new Client({ ...database.options(), ...options }), ask);
  ends.push(() => probe.close());
  return (await probe.check(NOBODY, false)).error;
}

/** What the server itself says, of a state that a test cannot bring it into. */
const raised = (sqlstate: string) => (client: pg.Client) =>
  client.query(`do $$ begin raise exception using errcode = '${sqlstate}'; end $$`);

test.each<[HealthKind, object, ProbeQuestion | undefined]>([
  ["tls", { ssl: true }, undefined],
  ["permission", {}, (client) => client.query("set role pg_monitor; select * from pg_authid")],
  [
    "shutting_down",
    {},
    async (client) => {
      await client.query("select pg_terminate_backend(pg_backend_pid())");
    },
  ],
  ["disk_full", {}, raised("53100")],
  ["starting_up", {}, raised("57P03")],
  ["unknown", {}, () => Promise.reject(new Error("a hook's own"))],
])("a probe says %s", async (kind, options, ask) => {
  expect(await kindOf(options, ask)).toBe(kind);
});

test("a probe says not_accepting of a database that takes no connections", async () => {
  const name = `closed_${process.pid}`;
  const observer = await database.observer();
  await observer.query(`create database ${name} allow_connections false`);
  ends.push(() => observer.query(`drop database ${name}`));
  expect(await kindOf({ database: name })).toBe("not_accepting");
});

test("a probe says connection_lost where the way is cut while the server is asked", async () => {
  const { host = "", port = 0 } = database.options();
  const proxy = await startFaultProxy({ host, port });
  ends.push(() => proxy.close());
  const ask: ProbeQuestion = async (client) => {
    const asked = client.query("select pg_sleep(5)");
    proxy.cut();
    await asked;
  };
  expect(await kindOf({ host: "127.0.0.1", port: proxy.port }, ask)).toBe("connection_lost");
});
