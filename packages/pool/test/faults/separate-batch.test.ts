import { waitFor } from "@openhouse/pool-testing";
import { beforeEach, describe, expect, test } from "vitest";
import { CommitUnknownError } from "../../src/errors/errors.ts";
import { Attempt } from "../../src/query/attempt.ts";
import { scoped } from "../../src/tenants.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { listenedPool } from "../support/listened-pool.ts";
import { backendPid, settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const APART = { atomic: false } as const;
const IDS = "select id from notes order by id";
const add = (id: number) => ({ text: "insert into notes values ($1, 'new') returning id", values: [id] });
const sleep = (seconds: number) => `select pg_sleep(${seconds})`;

beforeEach(async () => {
  await database
    .pool()
    .query(
      "drop table if exists notes; create table notes (id int primary key, body text); insert into notes values (1, 'first')",
    );
});

async function ids(): Promise<number[]> {
  const { rows } = await (await database.observer()).query(IDS);
  return rows.map(({ id }) => id);
}

/** Waits until nobody but the observer is at work in the database. */
async function othersAreGone(): Promise<void> {
  const observer = await database.observer();
  const isAlone = async () => {
    const { rowCount } = await observer.query(
      "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'",
    );
    return rowCount === 0;
  };
  await waitFor(isAlone, { what: "the server to have read what was sent" });
}

async function runs(text: string): Promise<void> {
  const observer = await database.observer();
  const isRunning = async () => {
    const { rowCount } = await observer.query(
      `select from pg_stat_activity
        where state = 'active' and datname = current_database() and pid <> pg_backend_pid() and query like $1`,
      [`%${text}%`],
    );
    return rowCount === 1;
  };
  await waitFor(isRunning, { what: `${text} to run` });
}

const isInDoubt = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === "rejected" && outcome.reason instanceof CommitUnknownError;

/** A write, one that fails, a read and a write: what each says must be so. */
async function judge(outcomes: PromiseSettledResult<unknown>[]): Promise<void> {
  await othersAreGone();
  const kept = await ids();
  for (const [index, id] of [
    [0, 2],
    [3, 3],
  ] as const) {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new Error("an outcome is missing");
    if (!isInDoubt(outcome)) expect([id, kept.includes(id)]).toEqual([id, outcome.status === "fulfilled"]);
  }
  const [, failed, read] = outcomes;
  expect(failed?.status).toBe("rejected");
  expect(read !== undefined && isInDoubt(read)).toBe(false);
}

const MEMBERS = [add(2), add(1), IDS, add(3)];

describe("a connection that is lost", () => {
  /** How many messages go out for the batch, and come back. */
  const SENT = 32;
  const ANSWERED = 36;

  test.each([
    ["<", ANSWERED],
    [">", SENT],
  ] as const)("after any message %s tells of each statement what is so", async (direction, most) => {
    const { pool, proxy } = await listenedPool(database, { prepare: "off" });
    const acme = scoped(pool, ACME);
    const told: string[] = [];
    for (let messages = 0; messages <= most; messages++) {
      await pool.query("delete from notes where id > 1");
      proxy.cutAfter(direction, messages);
      const outcomes = await acme.batch(MEMBERS, APART);
      await judge(outcomes);
      told.push(
        outcomes.map((each) => (isInDoubt(each) ? "?" : each.status === "fulfilled" ? "+" : "-")).join(""),
      );
      if (messages < most) await waitFor(() => pool.totalCount === 0, { what: "the connection to be gone" });
    }
    expect([...new Set(told)]).toEqual(["??-?", "+?-?", "+--?", "+-+?", "+-++"]);
    // Sixteen messages: the last is the error. What is lost behind it changes nothing of that.
    if (direction === "<") expect(told.indexOf("+--?")).toBe(16);
  });

  test("because the backend was ended: its last word for those that had not begun, and no doubt", async () => {
    const pool = database.pool({ max: 1 });
    const db = new ScopedPool(() => pool);
    const pid = await backendPid(pool);
    const batch = db.batch([add(2), sleep(30), add(3), IDS], APART);
    await runs("pg_sleep");
    await (await database.observer()).query("select pg_terminate_backend($1)", [pid]);
    const [first, ...others] = await batch;
    expect(first?.status).toBe("fulfilled");
    for (const each of others) expect(each).toMatchObject({ status: "rejected", reason: { code: "57P01" } });
    expect(await ids()).toEqual([1, 2]);
    expect((await db.batch([IDS], APART))[0]?.status).toBe("fulfilled");
  });
});

describe.each(["a deadline", "a signal"] as const)("%s", (what) => {
  const reason = new Error("changed my mind");
  const expected = what === "a signal" ? reason : expect.objectContaining({ code: "STATEMENT_TIMEOUT" });
  /** Ends the batch once this text runs. @param before called when it runs. */
  const within = (text: string, before: () => void = () => {}) => {
    const controller = new AbortController();
    const running = runs(text).then(before);
    if (what === "a deadline") return { ...APART, timeoutMs: 600 };
    running.then(
      () => controller.abort(reason),
      () => controller.abort(new Error(`${text} did not run`)),
    );
    return { ...APART, signal: controller.signal };
  };

  test("cancels what runs and whatever runs behind it, and lets stand what was answered", async () => {
    const { pool } = await database.proxied({ max: 1 });
    const db = new ScopedPool(() => pool);
    const pid = await backendPid(pool);
    const slow = Array.from({ length: 7 }, () => sleep(30));
    const [first, ...others] = await db.batch([add(2), ...slow, add(3), ...slow], within("pg_sleep"));
    expect(first?.status).toBe("fulfilled");
    const sleeping = others.filter((_, index) => index !== slow.length);
    for (const each of sleeping) expect(each).toEqual({ status: "rejected", reason: expected });
    // Whether the quick one in between was hit is the server's to say.
    const isKept = others[slow.length]?.status === "fulfilled";
    expect(await ids()).toEqual(isKept ? [1, 2, 3] : [1, 2]);
    await settled(pool);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("that the server does not hear of cuts the connection: writes are in doubt, and reads are not", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    const db = new ScopedPool(() => pool);
    await pool.query("select 1");
    const options = within("pg_sleep", () => proxy.pause());
    const [running, write, read] = await db.batch([sleep(30), add(2), IDS], options);
    expect(running).toEqual({ status: "rejected", reason: expected });
    expect(read).toEqual({ status: "rejected", reason: expected });
    expect(write).toMatchObject({ reason: { code: "COMMIT_UNKNOWN", cause: expected } });
    await (await database.observer()).query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%pg_sleep%' and pid <> pg_backend_pid()",
    );
  });

  test("that comes before it is sent rejects the whole, and nothing is sent", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.connect();
    try {
      const sleeping = client.query(sleep(1));
      const queryEach = Reflect.get(client, "queryEach") as (
        batch: object,
        limits: object,
      ) => Promise<unknown>;
      const limits = what === "a deadline" ? { query_timeout: 100 } : { signal: AbortSignal.timeout(100) };
      const members = [{ config: { text: add(2).text }, values: [2] }];
      const batch = queryEach.call(client, { preludes: [], members }, limits);
      await expect(batch).rejects.toMatchObject(
        what === "a deadline" ? { outcomeKnown: true } : { name: "TimeoutError" },
      );
      await sleeping;
    } finally {
      client.release();
    }
    const db = new ScopedPool(() => pool);
    const controller = new AbortController();
    controller.abort(reason);
    await expect(db.batch([add(2)], { ...APART, signal: controller.signal })).rejects.toBe(reason);
    expect(await ids()).toEqual([1]);
  });
});

test("work that may be run again knows what of it was kept, statement by statement", async () => {
  const pool = database.pool({ max: 1 });
  const db = new ScopedPool(() => pool);
  const batches = [
    [[add(1), IDS], false],
    [[add(1), IDS, add(2)], true],
  ] as const;
  for (const [statements, mayHaveKept] of batches) {
    const attempt = new Attempt();
    await attempt.during(() => db.batch(statements, APART));
    expect(attempt.mayHaveKept).toBe(mayHaveKept);
  }
});
