// A process for row 3: as an application has it, without a handler for what goes uncaught.
import { Pool } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { connectionOf } from "../../clients/connection.ts";

/** Long enough for the news of the death to arrive, in milliseconds. */
const AFTER_MS = 400;

const [, , kind = "", url = "", scenario = ""] = process.argv;
const config = { ...connectionOf(url), max: 2, min: 0 };
const ours = kind === "ours" ? new Pool(config) : undefined;
const pool: pg.Pool = ours ?? new pg.Pool(config);
const db = ours === undefined ? drizzle(pool) : drizzleOverPool(() => ours, {}).db;
const tellPid = async (client: { query(text: string): Promise<pg.QueryResult> }) => {
  const { rows } = await client.query("select pg_backend_pid() as pid");
  console.log(JSON.stringify(rows[0]));
};
const afterwards = () => new Promise((resolve) => setTimeout(resolve, AFTER_MS));

if (scenario === "idle") {
  await tellPid(pool);
} else if (scenario === "held") {
  const client = await pool.connect();
  await tellPid(client);
  await new Promise((resolve) => client.once("end", resolve));
  client.release();
} else if (scenario === "working") {
  const client = await pool.connect();
  await tellPid(client);
  await client.query("select pg_sleep(10)").catch(() => {});
  client.release();
} else {
  const work = db.transaction(async (tx) => {
    const { rows } = await tx.execute(sql`select pg_backend_pid() as pid`);
    console.log(JSON.stringify(rows[0]));
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
    await tx.execute(sql`select 1`);
  });
  await work.catch(() => {});
}
await afterwards();
await pool.query("select 1");
process.exit(0);
