import { expect, test } from "vitest";
import { isAlive, isReady, whenReady } from "../src/pg/internals.ts";
import { useDatabase } from "./support/pools.ts";

// Everything here rests on undocumented fields: an upgrade of pg that moves one must fail here, not in production.
const database = useDatabase();

test("a client tells whether a statement is under way, and whether it is alive", async () => {
  const client = await database.observer();
  expect([isReady(client), isAlive(client)]).toEqual([true, true]);
  const sleeping = client.query("select pg_sleep(0.05)");
  expect(isReady(client)).toBe(false);
  expect(await whenReady(client)).toBe(true);
  await sleeping;
  await client.end();
  expect([isReady(client), isAlive(client)]).toEqual([false, false]);
});

test("an error is reported before the server is ready again", async () => {
  const client = await database.observer();
  await client.query("begin");
  await new Promise<void>((resolve) => {
    client.query("select 1/0", [], () => {
      expect([isReady(client), client.getTransactionStatus()]).toEqual([false, "T"]);
      resolve();
    });
  });
  expect(await whenReady(client)).toBe(true);
  expect(client.getTransactionStatus()).toBe("E");
});

test("waiting for readiness ends with the connection, or at its deadline", async () => {
  const client = await database.observer();
  const sleeping = client.query("select pg_sleep(1.5)").catch(() => {});
  expect(await whenReady(client)).toBe(false);
  const waiting = whenReady(client);
  client.connection.stream.destroy();
  expect(await waiting).toBe(false);
  await sleeping;
});
