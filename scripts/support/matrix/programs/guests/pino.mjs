import { Writable } from "node:stream";
import { pinoLogger } from "@openhouse/pool";
import pg from "pg";
import { pino } from "pino";
import { same, until } from "../small-job.mjs";

// A plain pool logs nothing, so there is nothing to compare: what ours logs is held to what it should.
export async function work({ PoolClass, poolOptions }) {
  if (PoolClass === pg.Pool) return;
  const lines = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const pool = new PoolClass({ ...poolOptions, leakThresholdMs: 50, logger: pinoLogger(pino(stream)) });
  const client = await pool.connect();
  await until(async () => lines.some(({ msg }) => msg === "db.pool.leak"), "the line that tells of the leak");
  client.release();
  const { level, heldMs } = lines.find(({ msg }) => msg === "db.pool.leak");
  same([level >= 40, typeof heldMs], [true, "number"]);
  await pool.end();
}
