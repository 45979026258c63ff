import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { AcquireTimeoutError, CommitUnknownError, PoolSaturatedError } from "../src/errors/errors.ts";
import { currentAttempt } from "../src/query/attempt.ts";
import { RetryBudget, withRetry } from "../src/retry.ts";
import { SingleClientPool } from "../src/single-client/single-client-pool.ts";
import { ScopedPool } from "../src/transaction/scoped-pool.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

function failing(times: number, error: Error) {
  let left = times;
  return vi.fn(async () => {
    if (left-- > 0) throw error;
    return "done";
  });
}

const notSent = () => new AcquireTimeoutError("no connection came free");
const lost = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

describe("runs again", () => {
  test("what was not sent", async () => {
    const work = failing(2, notSent());
    expect(await withRetry(work, new RetryBudget())).toBe("done");
    expect(work).toHaveBeenCalledTimes(3);
  });

  test("a transaction that lost to another: both of two that deadlock are kept in the end", async () => {
    const pool = database.pool({ max: 4 });
    await pool.query("create table if not exists counters (id int primary key, n int not null)");
    await pool.query("insert into counters values (1, 0), (2, 0) on conflict do nothing");
    const budget = new RetryBudget();
    const both = [
      [1, 2],
      [2, 1],
    ].map((order) =>
      withRetry(async () => {
        const client = await pool.connect();
        try {
          await client.query("begin");
          await client.query("set local deadlock_timeout = '50ms'");
          for (const id of order) {
            await client.query("update counters set n = n + 1 where id = $1", [id]);
            await client.query("select pg_sleep(0.05)");
          }
          await client.query("commit");
        } finally {
          client.release(true);
        }
      }, budget),
    );
    await Promise.all(both);
    expect((await pool.query("select n from counters order by id")).rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  test("what lost its connection, only where that does no harm", async () => {
    const write = failing(1, lost());
    await expect(withRetry(write, new RetryBudget())).rejects.toThrow("ECONNRESET");
    expect(write).toHaveBeenCalledOnce();
    expect(await withRetry(failing(1, lost()), new RetryBudget(), { idempotent: true })).toBe("done");
  });
});

describe("does not run again", () => {
  test("a commit whose outcome is unknown, even where idempotent is said", async () => {
    const work = failing(1, new CommitUnknownError("lost"));
    await expect(withRetry(work, new RetryBudget())).rejects.toBeInstanceOf(CommitUnknownError);
    expect(work).toHaveBeenCalledOnce();
  });

  test("a statement that is wrong", async () => {
    const pool = database.pool();
    const work = vi.fn(() => pool.query("select no_such_column"));
    await expect(withRetry(work, new RetryBudget())).rejects.toBeInstanceOf(pg.DatabaseError);
    expect(work).toHaveBeenCalledOnce();
  });

  test("more often than it may", async () => {
    const work = failing(9, notSent());
    await expect(withRetry(work, new RetryBudget(), { attempts: 2 })).rejects.toBeInstanceOf(
      AcquireTimeoutError,
    );
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("when the pool's budget is spent, so that retries do not multiply an outage", async () => {
    const budget = new RetryBudget();
    while (budget.spend());
    const work = failing(1, notSent());
    await expect(withRetry(work, budget)).rejects.toBeInstanceOf(AcquireTimeoutError);
    expect(work).toHaveBeenCalledOnce();
  });

  test("once the caller has given up", async () => {
    const work = failing(9, notSent());
    await expect(
      withRetry(work, new RetryBudget(), { signal: AbortSignal.abort(new Error("gone")) }),
    ).rejects.toThrow("gone");
    expect(work).not.toHaveBeenCalled();
  });

  test("once the caller has given up while it waits to: the reason is told", async () => {
    const gone = new Error("gone");
    const controller = new AbortController();
    const work = vi.fn(async () => {
      setTimeout(() => controller.abort(gone));
      throw notSent();
    });
    vi.spyOn(Math, "random").mockReturnValue(1);
    try {
      await expect(withRetry(work, new RetryBudget(), { signal: controller.signal })).rejects.toBe(gone);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test("for ever, where the attempts are no number", async () => {
    const work = failing(9, notSent());
    const options = { attempts: Number("five") };
    await expect(withRetry(work, new RetryBudget(), options)).rejects.toBeInstanceOf(AcquireTimeoutError);
    expect(work).toHaveBeenCalledOnce();
  });
});

/** Work whose first run does something and then fails with `error`; the second is done. */
function failingAfter(first: () => Promise<unknown>, error: Error) {
  const work = vi.fn(async () => {
    if (work.mock.calls.length > 1) return "done";
    await first();
    throw error;
  });
  return work;
}

const conflict = () => Object.assign(new pg.DatabaseError("conflict", 0, "error"), { code: "40001" });

describe("work of which something was sent", () => {
  const kept = "insert into kept values (1)";

  async function tables() {
    const pool = database.pool({ max: 2 });
    await pool.query(`create table if not exists kept (id int);
      create or replace function keeps() returns void language sql as 'insert into kept values (1)';
      create or replace procedure keep_and_fail() language plpgsql as $$ begin
        insert into kept values (1); commit; raise exception using errcode = '40001'; end $$`);
    return { pool, scopes: new ScopedPool(() => pool) };
  }
  type Tables = Awaited<ReturnType<typeof tables>>;

  test.each<[string, (each: Tables) => Promise<unknown>, () => Error]>([
    ["a statement was kept", ({ pool }) => pool.query(kept), notSent],
    ["a statement was kept in front of a conflict", ({ pool }) => pool.query(kept), conflict],
    ["a transaction was kept", ({ scopes }) => scopes.transaction((tx) => tx.query(kept)), conflict],
    ["a read calls a function that nobody knows", ({ pool }) => pool.query("select my_write()"), notSent],
    [
      "a read calls a function that leaves nothing in the session",
      () => database.pool({ safeFunctions: ["keeps"] }).query("select keeps()"),
      conflict,
    ],
    ["a procedure has committed and failed", ({ pool }) => pool.query("call keep_and_fail()"), conflict],
    ["several statements have failed", ({ pool }) => pool.query(`${kept}; commit; select 1/0`), conflict],
    [
      "a statement is still under way",
      async ({ pool }) => void pool.query(`${kept}; select pg_sleep(0.2)`),
      notSent,
    ],
    [
      "an inner retry has kept something",
      ({ pool }) => withRetry(() => pool.query(kept), new RetryBudget()),
      notSent,
    ],
    [
      "a statement was kept that had to wait for another's connection",
      async ({ pool }) => {
        const holders = [await pool.connect(), await pool.connect()];
        const queued = pool.query(kept);
        for (const holder of holders) holder.release();
        await queued;
      },
      notSent,
    ],
  ])("is not run again: %s", async (_what, first, error) => {
    const each = await tables();
    await each.pool.query("create or replace function my_write() returns int language sql as 'select 1'");
    const work = failingAfter(() => first(each).catch(() => {}), error());
    await expect(withRetry(work, new RetryBudget())).rejects.toThrow();
    expect(work).toHaveBeenCalledOnce();
  });

  test.each<[string, (each: Tables) => Promise<unknown>, () => Error]>([
    ["it only reads", ({ pool }) => pool.query("with x as (select 1) select * from x"), notSent],
    [
      "its transaction was rolled back",
      ({ scopes }) =>
        scopes.transaction((tx) =>
          tx.query(kept).then(() => {
            throw new Error("undo");
          }),
        ),
      notSent,
    ],
    [
      "its transaction has failed",
      ({ scopes }) => scopes.transaction((tx) => tx.query("select 1/0")),
      conflict,
    ],
    ["its statement was refused", ({ pool }) => pool.query("insert into kept values ('x')"), notSent],
    [
      "a caller gave up before anything was sent",
      ({ pool }) => pool.query({ text: kept, signal: AbortSignal.abort() } as pg.QueryConfig),
      notSent,
    ],
  ])("is run again where nothing can have been kept: %s", async (_what, first, error) => {
    const each = await tables();
    const work = failingAfter(() => first(each).catch(() => {}), error());
    expect(await withRetry(work, new RetryBudget())).toBe("done");
  });

  test("is not run again: one of several still waits, where the pool has refused another", async () => {
    await tables();
    const pool = database.pool({ max: 1, maxWaiting: 1 });
    const holder = await pool.connect();
    const work = vi.fn(() => Promise.all([pool.query(kept), pool.query(kept)]));
    await expect(withRetry(work, new RetryBudget())).rejects.toBeInstanceOf(PoolSaturatedError);
    holder.release();
    expect(work).toHaveBeenCalledOnce();
  });

  test("is run again where it calls itself idempotent", async () => {
    const { pool } = await tables();
    const work = failingAfter(() => pool.query(kept), notSent());
    expect(await withRetry(work, new RetryBudget(), { idempotent: true })).toBe("done");
  });

  test("what the pool sends of its own accord is none of its work's", async () => {
    await tables();
    const pool = database.pool({
      max: 1,
      onConnect: (client) => client.query("insert into kept values (2)"),
    });
    const work = failingAfter(async () => (await pool.connect()).release(), notSent());
    expect(await withRetry(work, new RetryBudget())).toBe("done");
  });

  test("the single client tells it as well", async () => {
    await tables();
    const single = database.keep(new SingleClientPool(database.options(), { attempt: currentAttempt }));
    const work = failingAfter(() => single.query(kept), notSent());
    await expect(withRetry(work, new RetryBudget())).rejects.toBeInstanceOf(AcquireTimeoutError);
    expect(
      await withRetry(
        failingAfter(() => single.query("select 1"), notSent()),
        new RetryBudget(),
      ),
    ).toBe("done");
  });
});
