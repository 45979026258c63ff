import { setImmediate } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type pg from "pg";
import type { Subject } from "./subject.ts";

/** What a caller believes of what it has written. */
interface Entry {
  readonly id: number;
  /** Rows that are to be there together. */
  readonly rows: 1 | 2;
  readonly error: unknown;
}

export async function createLedger(observer: pg.Client): Promise<void> {
  await observer.query("drop table if exists ledger; create table ledger (id int not null)");
}

/** Writers that never pause: statements and transactions in turns, each with an id of its own, and what became of them. */
export function startWriters({ pool, db }: Subject, count: number) {
  const entries: Entry[] = [];
  let nextId = 1;
  let stopped = false;

  async function write(id: number, rows: 1 | 2): Promise<void> {
    if (rows === 1) {
      await pool.query("insert into ledger values ($1)", [id]);
      return;
    }
    await db.transaction(async (tx) => {
      await tx.execute(sql`insert into ledger values (${id})`);
      await tx.execute(sql`insert into ledger values (${id})`);
    });
  }
  async function run(): Promise<void> {
    while (!stopped) {
      const id = nextId++;
      const rows = id % 2 === 0 ? 1 : 2;
      const error: unknown = await write(id, rows).then(
        () => undefined,
        (caught) => caught,
      );
      entries.push({ id, rows, error });
      if (error !== undefined) await setImmediate(); // what fails at once, for ever, would leave nobody else a turn
    }
  }
  const writers = Array.from({ length: count }, run);
  return {
    get acknowledged() {
      return entries.filter(({ error }) => error === undefined).length;
    },
    failures: () => entries.flatMap(({ error }) => (error === undefined ? [] : [error])),
    /** Resolves when each has come to an end. */
    async stop(): Promise<void> {
      stopped = true;
      await Promise.all(writers);
    },
    /** Entries whose rows are not what their caller was told: lost, doubled, or half a transaction. */
    async wrong(observer: pg.Client): Promise<object[]> {
      const { rows } = await observer.query<{ id: number; n: number }>(
        "select id, count(*)::int as n from ledger group by id",
      );
      const found = new Map(rows.map(({ id, n }) => [id, n]));
      return entries
        .map((entry) => ({ ...entry, found: found.get(entry.id) ?? 0 }))
        .filter(({ rows, error, found }) => found !== rows && (error === undefined || found !== 0));
    },
  };
}
