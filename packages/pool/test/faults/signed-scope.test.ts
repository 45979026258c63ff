import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import pg from "pg";
import { expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { classifyError } from "../../src/errors/classify.ts";
import { ScopeError, TenantTokenError } from "../../src/errors/errors.ts";
import type { Sign } from "../../src/query/local-settings.ts";
import { SingleClientPool } from "../../src/single-client/single-client-pool.ts";
import { scoped } from "../../src/tenants.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const SEEN = "select current_setting('app.tenant', true) as tenant, pg_backend_pid() as pid";

/** As a token would be: good for one backend. */
const sign: Sign = (scope, backendPid) => ({ "app.tenant": `${scope["app.tenant"]} on ${backendPid}` });
const acme = { "app.tenant": "acme" };

const SOURCES = {
  "the pool": () => database.pool(),
  "a pool of another client class": () => database.pool({ Client: pg.Client }),
  "the single client": () => database.keep(new SingleClientPool(database.options())),
};

for (const [name, open] of Object.entries(SOURCES)) {
  test(`over ${name} every statement and transaction is signed for the backend that runs it`, async () => {
    const source = open();
    const plain = scoped(source, acme, { sign });
    const drizzled = drizzleOverPool(() => source, {}, { sign }).scoped(acme);
    const seen = await Promise.all([
      plain.query(SEEN),
      plain.query(SEEN),
      plain.query(`${SEEN}; select 1`).then((results) => [results].flat()[0]),
      plain.transaction((client) => client.query(SEEN)),
      drizzled.execute(sql.raw(SEEN)),
      drizzled.transaction((tx) => tx.execute(sql.raw(SEEN))),
    ]);
    for (const { tenant, pid } of seen.flatMap((result) => result?.rows ?? []))
      expect(tenant).toBe(`acme on ${pid}`);
    expect(seen.flatMap((result) => result?.rows)).toHaveLength(6);
    const after = await source.query("select nullif(current_setting('app.tenant', true), '') as tenant");
    expect(after.rows).toEqual([{ tenant: null }]);
  });
}

test("a statement that is sent again over another connection is signed for that one", async () => {
  const pool = database.pool({ max: 1 });
  const tenant = scoped(pool, acme, { sign });
  const [before] = (await tenant.query(SEEN)).rows;
  const observer = await database.observer();
  await observer.query("select pg_terminate_backend($1)", [before.pid]);
  await waitFor(() => pool.totalCount === 0, { what: "the loss to be noticed" });
  const [after] = (await tenant.query(SEEN)).rows;
  expect(after.pid).not.toBe(before.pid);
  expect(after.tenant).toBe(`acme on ${after.pid}`);
});

test("where the backend is not known nothing is sent, and the connection is not lost", async () => {
  const hidden: unknown[] = [];
  const pool = database.pool({
    max: 1,
    onConnect: (client) => {
      hidden.push(Reflect.get(client, "processID"));
      Reflect.set(client, "processID", null);
    },
  });
  const tenant = scoped(pool, acme, { sign });
  for (const work of [() => tenant.query("select 1"), () => tenant.transaction((c) => c.query("select 1"))])
    await expect(work()).rejects.toThrow(TenantTokenError);
  expect(await backendPid(pool)).toBe(hidden[0]);
  expect(pool.idleCount).toBe(1);
});

test("what sign() throws is the caller's, and a scope that it leaves empty is not run without one", async () => {
  const pool = database.pool({ max: 1 });
  const broken = scoped(pool, acme, {
    sign: () => {
      throw new Error("no key");
    },
  });
  await expect(broken.query("select 1")).rejects.toThrow("no key");
  await expect(broken.transaction((client) => client.query("select 1"))).rejects.toThrow("no key");
  await expect(scoped(pool, acme, { sign: () => ({}) }).query("select 1")).rejects.toThrow(ScopeError);
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("a token that the server refuses is a fault of the configuration, by its SQLSTATE", async () => {
  const refusing = "do $$ begin raise exception 'no' using errcode = 'OH001'; end $$";
  const error: unknown = await database
    .pool()
    .query(refusing)
    .catch((caught: unknown) => caught);
  const expected = { kind: "config", retry: "never", unavailable: true };
  expect(classifyError(error)).toEqual({ ...expected, sqlstate: "OH001" });
  expect(classifyError(new TenantTokenError("no backend"))).toEqual(expected);
});
