import { getEventListeners, once } from "node:events";
import vm from "node:vm";
import { waitFor } from "@openhouse/pool-testing";
import { abort } from "@openhouse/tooling/faults/abort";
import { runningStatements } from "@openhouse/tooling/faults/observe";
import { afterEach, describe, expect, test } from "vitest";
import { onAbort } from "../../src/async/on-abort.ts";
import type { Pool } from "../../src/pool.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const caught = (error: unknown) => error;
const pools: Pool[] = [];

function aborting() {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: (reason?: unknown) => controller.abort(reason),
    listeners: () => getEventListeners(controller.signal, "abort").length,
  };
}

/** As `pool.query` and `client.query` take it; pg's types know of no signal. */
function asked(text: string, signal: AbortSignal) {
  return { text, signal };
}

function pool(options: Parameters<typeof database.pool>[0] = {}): Pool {
  const made = database.pool({ max: 1, ...options });
  pools.push(made);
  return made;
}

// Runs before the pools are ended: hooks of one kind run last first.
afterEach(async () => {
  for (const each of pools.splice(0)) {
    await waitFor(() => each.idleCount === each.totalCount, { what: "every connection to be idle" });
    expect(each.getStats()).toMatchObject({ waitingCount: 0, usedCount: 0, closingCount: 0 });
  }
});

describe("a caller who gives up", () => {
  test("while queued leaves the queue at once, and whoever is behind is served", async () => {
    const full = pool();
    const holder = await full.connect();
    const { signal, abort, listeners } = aborting();
    const canceled = [full.acquire({ signal }), full.query(asked("select 1", signal))].map((each) =>
      each.catch(caught),
    );
    const behind = full.query("select 'served' as outcome");
    expect(full.waitingCount).toBe(3);
    abort();
    expect(full.waitingCount).toBe(1);
    for (const error of await Promise.all(canceled)) expect(error).toBe(signal.reason);
    holder.release();
    expect((await behind).rows).toEqual([{ outcome: "served" }]);
    expect(listeners()).toBe(0);
    expect(full.getTotals()).toMatchObject({ canceled: 2, acquired: 2 });
  });

  test("while connecting hears at once, and the connection serves somebody else", async () => {
    const { pool: slow, proxy } = await database.proxied({ max: 1 });
    pools.push(slow);
    const { signal, abort, listeners } = aborting();
    proxy.pause();
    const canceled = slow.acquire({ signal }).catch(caught);
    await waitFor(() => proxy.connections > 0, { what: "connecting to begin" });
    abort();
    expect(await canceled).toBe(signal.reason);
    expect(listeners()).toBe(0);
    expect(slow.getStats()).toMatchObject({ connectingCount: 1, waitingCount: 0 });
    proxy.resume();
    await waitFor(() => slow.idleCount === 1, { what: "the connection to be there" });
    await slow.query("select 1");
    expect(slow.getTotals().created).toBe(1);
  });

  test("while the statement runs has it stopped on the server, with nothing kept", async () => {
    expect(await abort(database.ours())).toMatchObject({
      told: "the reason",
      stillRunning: 0,
      rowsKept: 0,
      listeners: 0,
      sameBackend: true,
    });
  });

  test("before the start sends nothing, and opens nothing", async () => {
    const unused = pool();
    const { signal, abort, listeners } = aborting();
    abort(new Error("changed my mind"));
    await expect(unused.acquire({ signal })).rejects.toBe(signal.reason);
    await expect(unused.query(asked("select 1", signal))).rejects.toBe(signal.reason);
    expect(listeners()).toBe(0);
    expect(unused.totalCount).toBe(0);
    expect(unused.getTotals()).toMatchObject({ acquired: 0, created: 0 });
  });

  test("after the end changes nothing: the connection's next statement runs to its end", async () => {
    const one = pool();
    const observer = await database.observer();
    const { signal, abort, listeners } = aborting();
    await one.query(asked("select 1", signal));
    const client = await one.acquire({ signal });
    expect(listeners()).toBe(0);
    const next = client.query("select 'done' as outcome from pg_sleep(0.2)");
    await waitFor(() => runningStatements(observer), { what: "the next statement to run" });
    abort();
    expect((await next).rows).toEqual([{ outcome: "done" }]);
    client.release();
  });

  test("on a checked-out client never sends what still waits for its turn there", async () => {
    const one = pool();
    await one.query("create table if not exists orders (id int)");
    const client = await one.connect();
    const { signal, abort, listeners } = aborting();
    const first = client.query("select 'first' as outcome from pg_sleep(0.2)");
    const second = client.query(asked("insert into orders values (2)", signal)).catch(caught);
    abort();
    expect(await second).toBe(signal.reason);
    expect((await first).rows).toEqual([{ outcome: "first" }]);
    expect((await client.query("select * from orders")).rows).toEqual([]);
    expect(listeners()).toBe(0);
    client.release();
  });

  test("on a network gone deaf hears within seconds, and the slot comes back", async () => {
    const { pool: deaf, proxy } = await database.proxied({ max: 1 });
    pools.push(deaf);
    const observer = await database.observer();
    const { signal, abort, listeners } = aborting();
    const canceled = deaf.query(asked("select pg_sleep(1)", signal)).catch(caught);
    await waitFor(() => runningStatements(observer), { what: "the statement to run" });
    proxy.pause();
    abort();
    expect(await canceled).toBe(signal.reason);
    expect(listeners()).toBe(0);
    proxy.resume();
    expect((await deaf.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});

test("a listener that throws as its signal aborts keeps the news from nobody else", async () => {
  const { signal, abort, listeners } = aborting();
  const uncaught = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const thrown = once(process, "uncaughtException");
  try {
    const told: string[] = [];
    onAbort(signal, () => {
      told.push("first");
      throw new Error("of the first");
    });
    const ignore = onAbort(signal, () => told.push("second"));
    onAbort(signal, () => told.push("never"))();
    abort();
    expect(told).toEqual(["first", "second"]);
    expect(String(await thrown)).toContain("of the first");
    ignore();
    expect(listeners()).toBe(0);
  } finally {
    for (const listener of uncaught) process.on("uncaughtException", listener);
  }
});

test("one signal for 50 callers, some running, some queued, ends them all and leaks nothing", async () => {
  const crowded = pool({ max: 4, maxWaiting: 100 });
  const observer = await database.observer();
  const { signal, abort, listeners } = aborting();
  const text = "select pg_sleep(30)";
  const outcomes = Array.from({ length: 50 }, () => crowded.query(asked(text, signal)).catch(caught));
  await waitFor(async () => (await runningStatements(observer)) === 4, { what: "four to run" });
  expect(listeners()).toBe(1); // Node would take more than ten for a leak
  abort();
  for (const error of await Promise.all(outcomes)) expect(error).toBe(signal.reason);
  expect(await runningStatements(observer)).toBe(0);
  expect(listeners()).toBe(0);
});

describe("a signal of another realm, as of a test runner's vm or a polyfill", () => {
  /** What a polyfill has: no `AbortSignal` of this realm. */
  class OthersSignal extends EventTarget {
    aborted = false;
    reason: unknown;

    abort(reason: unknown): void {
      Object.assign(this, { aborted: true, reason });
      this.dispatchEvent(new Event("abort"));
    }
  }

  test("ends a statement, and the wait for a connection, with its own reason", async () => {
    const only = pool();
    const signal = new OthersSignal();
    const foreign = vm.runInNewContext("new TypeError('not wanted any more')");
    const client = await only.connect();
    const waiting = only.query(asked("select 1", signal as unknown as AbortSignal)).catch(caught);
    const running = client
      .query(asked("select pg_sleep(30)", signal as unknown as AbortSignal))
      .catch(caught);
    await waitFor(() => only.waitingCount === 1, { what: "one to wait" });
    signal.abort(foreign);
    expect(await waiting).toBe(foreign);
    expect(await running).toBe(foreign);
    client.release();
  });
});
