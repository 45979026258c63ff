import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { CommitUnknownError, classifyError, type Pool, ScopedPool } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { sql } from "drizzle-orm";
import pg from "pg";
import { faultOf, type Told } from "../measure/ledger.ts";

export const LEDGER = "create table ledger (id int not null)";

interface Entry {
  readonly id: number;
  /** Rows that are to be there together. */
  readonly rows: number;
  readonly told: Told;
  readonly atMs: number;
}

/** What became of all writes, held against what a server has of them. */
export interface Balance {
  readonly done: number;
  readonly notDone: number;
  readonly unknown: number;
  /** Told done, and not there. */
  readonly lost: number;
  readonly doubled: number;
  /** Half of a transaction is there, or what was told not done. */
  readonly wronglyTold: number;
  /** The longest time in which no write was told done, in milliseconds. */
  readonly gapMs: number;
}

type Write = (id: number) => Promise<unknown>;

/**
 * Writers that never pause, each write with an id of its own: in turns within a scope, in a transaction of two rows, and as a plain
 * statement.
 */
export function startLedgerWriters(pool: Pool, count = 8) {
  const scoped = drizzleOverPool(() => pool, {}).scoped({ "app.writer": randomUUID() });
  const transactions = new ScopedPool(() => pool);
  const ways: readonly { readonly rows: number; readonly write: Write; told(error: unknown): Told }[] = [
    { rows: 1, write: (id) => scoped.execute(sql`insert into ledger values (${id})`), told: toldByCommit },
    {
      rows: 2,
      write: (id) =>
        transactions.transaction(async (tx) => {
          await tx.query("insert into ledger values ($1)", [id]);
          await tx.query("insert into ledger values ($1)", [id]);
        }),
      told: toldByCommit,
    },
    { rows: 1, write: (id) => pool.query("insert into ledger values ($1)", [id]), told: toldByStatement },
  ];
  const entries: Entry[] = [];
  const failures: unknown[] = [];
  let nextId = 1;
  let stopped = false;

  async function run(): Promise<void> {
    while (!stopped) {
      const id = nextId++;
      const way = ways[id % ways.length];
      if (way === undefined) return;
      const { rows, write, told: toldBy } = way;
      const told = await write(id).then(
        () => "done" as const,
        (error: unknown) => {
          failures.push(error);
          return toldBy(error);
        },
      );
      entries.push({ id, rows, told, atMs: performance.now() });
      if (told !== "done") await setImmediate(); // what fails at once, for ever, would leave nobody else a turn
    }
  }
  const writers = Array.from({ length: count }, run);
  const startedAtMs = performance.now();
  return {
    get doneCount() {
      return entries.filter(({ told }) => told === "done").length;
    },
    failures: () => failures,
    /** How many were told done between two times on the clock of `performance.now()`. */
    doneBetween: (fromMs: number, toMs: number) =>
      entries.filter(({ told, atMs }) => told === "done" && atMs >= fromMs && atMs < toMs).length,
    /** Resolves when each has come to an end. */
    async stop(): Promise<void> {
      stopped = true;
      await Promise.all(writers);
    },
    async balance(client: pg.ClientBase): Promise<Balance> {
      const { rows } = await client.query<{ id: number; n: number }>(
        "select id, count(*)::int as n from ledger group by id",
      );
      const found = new Map(rows.map(({ id, n }) => [id, n]));
      const faults = entries.map(({ id, rows, told }) => faultOf(told, rows, found.get(id) ?? 0));
      const told = (what: Told) => entries.filter((each) => each.told === what).length;
      const faulty = (...what: (typeof faults)[number][]) =>
        faults.filter((each) => what.includes(each)).length;
      return {
        done: told("done"),
        notDone: told("not done"),
        unknown: told("unknown"),
        lost: faulty("lost"),
        doubled: faulty("doubled"),
        wronglyTold: faulty("halved", "kept"),
        gapMs: Math.round(longestGapMs(entries, startedAtMs)),
      };
    },
  };
}

function longestGapMs(entries: readonly Entry[], startedAtMs: number): number {
  let lastMs = startedAtMs;
  let longest = 0;
  for (const { told, atMs } of entries) {
    if (told !== "done") continue;
    longest = Math.max(longest, atMs - lastMs);
    lastMs = atMs;
  }
  return longest;
}

/** A scope's statement and a transaction say themselves where nobody knows. */
function toldByCommit(error: unknown): Told {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof CommitUnknownError) return "unknown";
  return "not done";
}

/** A plain statement whose connection was lost may have been kept. */
function toldByStatement(error: unknown): Told {
  if (toldByCommit(error) === "unknown") return "unknown";
  const isRefused = error instanceof pg.DatabaseError && error.severity === "ERROR";
  return isRefused || classifyError(error).retry === "not_sent" ? "not done" : "unknown";
}
