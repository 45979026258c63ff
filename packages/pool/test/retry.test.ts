import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { AcquireTimeoutError, CommitUnknownError } from "../src/errors/errors.ts";
import { RetryBudget, withRetry } from "../src/retry.ts";
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
});
