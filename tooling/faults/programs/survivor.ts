// A process for the fault backend-dies. It has no handler for uncaught errors: whatever goes uncaught ends it.
import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import type pg from "pg";
import { contextFrom } from "../context.ts";
import { backendPid } from "../observe.ts";
import { innermost } from "../settle.ts";
import { openSubject } from "../subject.ts";

const { pool, db } = openSubject(contextFrom(process.argv), { max: 2 });
const tell = (fact: object) => console.log(JSON.stringify(fact));
/** A server's words may be of any language. */
const textOf = (error: unknown) => {
  const inner = innermost(error);
  return "code" in inner ? `${inner.code} ${inner.message}` : inner.message;
};

/** A client whose backend dies while it is checked out. */
async function bereaved(): Promise<pg.PoolClient> {
  const client = await pool.connect();
  const ended = new Promise((resolve) => client.once("end", resolve));
  tell({ pid: await backendPid(client) });
  await ended;
  return client;
}

/** Each tells the pid of the backend that is about to die, and resolves with what it has learned of the death. */
const moments: Record<string, () => Promise<string>> = {
  async idle() {
    const pid = await backendPid(pool);
    // No listener for the pool's 'error' of our own: nobody must be forced to have one.
    tell({ pid });
    await waitFor(() => pool.totalCount === 0, { what: "the dead connection to leave the pool" });
    return "nothing";
  },
  async "checked out, between two statements"() {
    const client = await bereaved();
    const learned = await client.query("select 1").catch(textOf);
    client.release();
    return String(learned);
  },
  async "checked out, and returned after its death without another statement"() {
    (await bereaved()).release();
    return "nothing";
  },
  async "waiting for an answer"() {
    const client = await pool.connect();
    const pid = await backendPid(client);
    const learned = client.query("select pg_sleep(60)").catch(textOf);
    tell({ pid });
    await learned;
    client.release();
    return String(await learned);
  },
  async "inside a transaction"() {
    const work = db.transaction(async (tx) => {
      const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      const answer = tx.execute(sql`select pg_sleep(60)`);
      tell({ pid: rows[0]?.pid });
      await answer;
    });
    return String(await work.catch(textOf));
  },
};

const learned = await moments[process.argv[4] ?? ""]?.();
const { rows } = await pool.query("select 'served' as outcome");
const { totalCount, idleCount, waitingCount } = pool;
tell({ learned, afterwards: rows[0].outcome, totalCount, idleCount, waitingCount });
await pool.end();
