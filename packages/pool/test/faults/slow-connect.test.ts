import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { slowConnect } from "@openhouse/tooling/faults/slow-connect";
import { describe, expect, test } from "vitest";
import { AcquireTimeoutError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { Client, type ClientOptions } from "../../src/query/client.ts";
import { backendPid, settled } from "../support/pools.ts";
import { useFreezer } from "./support/freezer.ts";
import { useOwnServer } from "./support/own-server.ts";

const own = useOwnServer();
const freeze = useFreezer();

/** Added to every byte in each direction: connecting takes several round trips. */
const DELAY_MS = 100;
const CALLERS = 20;

/** Backends go on; a new connection is taken by the kernel and never greeted. */
const freezePostmaster = () => freeze(own.server().pid);

describe("any free connection serves the head of the queue", () => {
  test("connecting is slow, 2 connections are warm, 20 callers come: nobody fails", async () => {
    const { pool, proxy } = await own.proxied({ max: CALLERS, min: 2, connectionTimeoutMillis: 3_000 });
    await pool.warmUp();
    proxy.setDelayMs(DELAY_MS);
    const served = await Promise.all(Array.from({ length: CALLERS }, () => backendPid(pool)));
    expect(served).toHaveLength(CALLERS);
    // The connects that the callers made necessary arrive, if late, and serve whoever comes then.
    await waitFor(() => pool.getStats().connectingCount === 0, { what: "the slow connects" });
    expect(pool.getTotals()).toMatchObject({ timeouts: 0, destroyed: {} });
    await settled(pool);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  test("connecting hangs, 2 connections are there, 20 callers come: those two serve them all", async () => {
    expect(await slowConnect(own.ours())).toMatchObject({ served: "20 of 20" });
  });

  test("first come, first served", async () => {
    const pool = own.pool({ max: 2, min: 1 });
    await pool.warmUp();
    const only = await pool.acquire();
    freezePostmaster();
    const order: number[] = [];
    const served = Array.from({ length: CALLERS }, async (_, turn) => {
      const client = await pool.acquire();
      order.push(turn);
      await client.query("select 1");
      client.release();
    });
    only.release();
    await Promise.all(served);
    expect(order).toEqual(Array.from({ length: CALLERS }, (_, turn) => turn));
  });
});

/** Long, so that a busy machine, which serves slowly, serves them all the sooner. */
const SIGN_IN_MS = 2_000;

class SlowClient extends Client {
  constructor(options?: ClientOptions) {
    super(options);
    const connect = this.connect.bind(this);
    const later = async () => {
      await sleep(SIGN_IN_MS);
      return await connect();
    };
    this.connect = later as typeof this.connect;
  }
}

describe("a pool grows for those whom it cannot serve sooner", () => {
  const clump = (pool: Pool) => Promise.all(Array.from({ length: 2 * CALLERS }, () => backendPid(pool)));
  const slow = async () => {
    const pool = own.pool({ max: CALLERS, min: 2, Client: SlowClient });
    await pool.warmUp();
    return pool;
  };

  test("what two connections serve at once, they serve", async () => {
    const pool = await slow();
    for (let each = 0; each < 3; each++) await clump(pool);
    expect(pool.getTotals().created).toBe(2);
    expect(pool.getStats().connectingCount).toBe(0);
  });

  test("connections whose holders keep them count for nothing", async () => {
    const pool = await slow();
    const kept = await Promise.all([pool.acquire(), pool.acquire()]);
    (await pool.acquire()).release();
    expect(pool.getTotals().created).toBe(3);
    for (const client of kept) client.release();
    await clump(pool);
    expect(pool.getTotals().created).toBe(3);
    expect(pool.getStats().connectingCount).toBe(0);
  });
});

describe("a connect", () => {
  test("outlives its requester, and serves the next", async () => {
    // Three round trips: more than the requester's deadline, less than the connect's.
    const { pool, proxy } = await own.proxied({ max: 1, connectionTimeoutMillis: 8 * DELAY_MS });
    proxy.setDelayMs(2 * DELAY_MS);
    await expect(pool.query("select 1")).rejects.toBeInstanceOf(AcquireTimeoutError);
    await waitFor(() => pool.idleCount === 1, { what: "the connect to arrive after all" });
    proxy.setDelayMs(0);
    expect(await backendPid(pool)).toBeGreaterThan(0);
    expect(pool.getTotals()).toMatchObject({ created: 1, destroyed: {} });
  });

  test("has a limit of its own", async () => {
    const pool = own.pool({ max: 1, connectionTimeoutMillis: 200 });
    freezePostmaster();
    const failed = once(pool.events, "connectFailed");
    await expect(pool.query("select 1")).rejects.toBeInstanceOf(AcquireTimeoutError);
    expect(pool.getStats().connectingCount).toBe(1);
    expect(await failed).toEqual([expect.objectContaining({ kind: "timeout" })]);
    expect(pool.getStats()).toMatchObject({ connectingCount: 0, totalCount: 0 });
  });
});

/** Of its connections the first `count` hang: nobody greets them, and nobody refuses them. */
function hangingClient(count: number): typeof Client {
  let left = count;
  return class extends Client {
    constructor(options?: ClientOptions) {
      super(options);
      if (left-- > 0) this.connect = (() => new Promise<never>(() => {})) as typeof this.connect;
    }
  };
}

describe("a connect that hangs", () => {
  test("fails nobody where others succeed: they are tried in time", async () => {
    const pool = own.pool({ max: 3, connectionTimeoutMillis: 4_000, Client: hangingClient(2) });
    for (let each = 0; each < 3; each++) expect(await backendPid(pool)).toBeGreaterThan(0);
    expect(pool.getTotals()).toMatchObject({ created: 1, timeouts: 0 });
    expect(pool.getStats()).toMatchObject({ connectingCount: 2, totalCount: 3 });
  });

  test("keeps its place until its own limit: no more than max are open or being opened", async () => {
    const pool = own.pool({ max: 2, connectionTimeoutMillis: 400, Client: hangingClient(2) });
    const failed = once(pool.events, "connectFailed");
    await expect(pool.query("select 1")).rejects.toBeInstanceOf(AcquireTimeoutError);
    expect(pool.totalCount).toBe(2);
    expect(await failed).toEqual([expect.objectContaining({ kind: "timeout" })]);
    expect(await backendPid(pool)).toBeGreaterThan(0);
  });
});

/**
 * As behind a pooler in session mode: all are signed in, and those beyond `count` have no connection to the server, so that
 * their statements are not answered.
 */
function pooledClient(count: number): typeof Client {
  let free = count;
  return class extends Client {
    constructor(options?: ClientOptions) {
      super(options);
      const connect = this.connect.bind(this);
      const pooled = async () => {
        const connected = await connect();
        if (free-- <= 0) this.connection.stream.pause();
        return connected;
      };
      this.connect = pooled as typeof this.connect;
    }
  };
}

test("statements go to connections that have answered, where a pooler signs in more than it serves", async () => {
  const pool = own.pool({
    max: 10,
    queryTimeoutMs: 5_000,
    connectionTimeoutMillis: 15_000,
    Client: pooledClient(4),
  });
  const statements = Array.from({ length: 30 }, () => pool.query("select pg_sleep(0.05)"));
  expect(await Promise.all(statements)).toHaveLength(30);
  expect(pool.getTotals()).toMatchObject({ created: 4, timeouts: 0 });
});
