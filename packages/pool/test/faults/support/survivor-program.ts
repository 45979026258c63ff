// A process for row 3. It has no handler for uncaught errors: whatever goes uncaught ends it.
import { sql } from "drizzle-orm";
import type pg from "pg";
import { waitFor } from "../../../../testing/src/wait-for.ts";
import { drizzleOverPool } from "../../../src/drizzle/database.ts";
import { Pool } from "../../../src/pool.ts";
import { optionsFor } from "../../support/options.ts";

const [, , url = "", scenario = ""] = process.argv;
const pool = new Pool({ ...optionsFor(url), max: 2, min: 0 });
const { db } = drizzleOverPool(() => pool, {});
const tell = (fact: object) => console.log(JSON.stringify(fact));
const backendPidOf = async (client: { query(text: string): Promise<pg.QueryResult> }): Promise<number> =>
  (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
const textOf = (error: unknown) => (error instanceof Error ? error.message : "no error");

/** Each tells the pid of the backend that is about to die, and resolves with what it has learned of the death. */
const scenarios: Record<string, () => Promise<string>> = {
  async idle() {
    const pid = await backendPidOf(pool);
    // No listener for the pool's 'error' of our own: nobody must be forced to have one.
    tell({ pid });
    await waitFor(() => pool.totalCount === 0, { what: "the dead connection to leave the pool" });
    return "nothing";
  },
  async "checked out, between two statements"() {
    const client = await pool.connect();
    const ended = new Promise((resolve) => client.once("end", resolve));
    tell({ pid: await backendPidOf(client) });
    await ended;
    const error: unknown = await client.query("select 1").catch((caught) => caught);
    client.release();
    return textOf(error);
  },
  async "checked out, and returned after its death without another statement"() {
    const client = await pool.connect();
    const ended = new Promise((resolve) => client.once("end", resolve));
    tell({ pid: await backendPidOf(client) });
    await ended;
    client.release();
    return "nothing";
  },
  async "waiting for an answer"() {
    const client = await pool.connect();
    const pid = await backendPidOf(client);
    const answer = client.query("select pg_sleep(60)").catch((caught) => caught);
    tell({ pid });
    const error: unknown = await answer;
    client.release();
    return textOf(error);
  },
  async "inside a transaction"() {
    const error: unknown = await db
      .transaction(async (tx) => {
        const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
        const answer = tx.execute(sql`select pg_sleep(60)`);
        tell({ pid: rows[0]?.pid });
        await answer;
      })
      .catch((caught) => caught);
    return error instanceof Error ? textOf(error.cause) : "no error";
  },
};

const learned = await scenarios[scenario]?.();
const { rows } = await pool.query("select 'served' as outcome");
tell({ learned, afterwards: rows[0].outcome, stats: pool.getStats() });
await pool.end();
