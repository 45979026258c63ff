import type pg from "pg";
import type { BenchContext, Outcome } from "./context.ts";
import { backendPid, observing } from "./observe.ts";
import { distinct, settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

/** Of what makes a prepared statement stale pg hears nothing. */
export const CHANGES = {
  /** Somebody else migrates the table: what was prepared before returns other types from now on. */
  async "ALTER TABLE"(context: BenchContext) {
    await observing(context, (observer) => observer.query("alter table notes alter body type varchar(50)"));
  },
  async "a trigger's DEALLOCATE ALL"(_context: BenchContext, pool: pg.Pool) {
    await pool.query("insert into forgotten values (1)");
  },
  "DEALLOCATE ALL": (_context: BenchContext, pool: pg.Pool) => forget(pool, "deallocate all"),
  "DISCARD ALL": (_context: BenchContext, pool: pg.Pool) => forget(pool, "discard all"),
};

export async function createNotes(context: BenchContext): Promise<void> {
  await observing(context, (observer) =>
    observer.query(
      `drop table if exists notes, forgotten;
       create table notes (id int primary key, body text not null);
       insert into notes values (1, 'kept');
       create table forgotten (times int);
       create or replace function forget() returns trigger language plpgsql as
         $$ begin execute 'deallocate all'; return new; end $$;
       create trigger forget before insert on forgotten for each row execute function forget()`,
    ),
  );
}

/** A holder makes the server forget every prepared statement. */
async function forget(pool: pg.Pool, statement: string): Promise<void> {
  const client = await pool.connect();
  await client.query(statement);
  client.release();
}

/** A named statement is executed again and again on its pool's one connection. */
export async function staleStatement(context: BenchContext, change: keyof typeof CHANGES) {
  await createNotes(context);
  return withSubject(context, { max: 1 }, async ({ pool }) => {
    const named = { name: "all_notes", text: "select * from notes" };
    await pool.query(named);
    await CHANGES[change](context, pool);
    const client = await pool.connect();
    const pid = await backendPid(client);
    const ends: string[] = [];
    for (let again = 0; again < 3; again++) ends.push((await settle(client.query(named), 5_000)).end);
    client.release();
    ends.push((await settle(pool.query(named), 5_000)).end);
    return { executions: distinct(ends), sameBackend: (await backendPid(pool)) === pid };
  });
}

/** Every change, one after the other. */
export async function staleStatements(context: BenchContext) {
  const outcome: Outcome = {};
  for (const change of [
    "ALTER TABLE",
    "a trigger's DEALLOCATE ALL",
    "DEALLOCATE ALL",
    "DISCARD ALL",
  ] as const)
    outcome[change] = (await staleStatement(context, change)).executions;
  return outcome;
}
