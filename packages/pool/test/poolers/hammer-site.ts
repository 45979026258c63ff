import { asSuperuser, createTestDatabase, startPgBouncer } from "@openhouse/pool-testing";
import type { PoolerMode } from "../../src/config/options.ts";
import { Pool } from "../../src/pool.ts";
import { optionsFor } from "../support/options.ts";
import { type HammerReport, hammer, hammerSchema } from "./hammer.ts";

/** A database with two tenants' rows, and a PgBouncer in transaction mode that has four connections to it. */
export async function openHammerSite() {
  const role = `hammered_${process.pid}`;
  const database = await createTestDatabase();
  await asSuperuser(database.url, (client) => client.query(hammerSchema(role)));
  const own = new URL(database.url);
  own.username = role;
  own.password = role;
  const pooler = await startPgBouncer({ target: own.href, mode: "transaction", poolSize: 4 });
  const url = pooler.through(own.href);
  return {
    /** Two pools, as two processes would have them. */
    async run(mode: PoolerMode, statements: number): Promise<HammerReport> {
      const pools = [0, 1].map(() => new Pool({ ...optionsFor(url), max: 8, min: 0, pooler: mode }));
      try {
        return await hammer(pools, { callers: 18, statements });
      } finally {
        await Promise.all(pools.map((pool) => pool.end()));
      }
    },
    async close(): Promise<void> {
      await pooler.stop();
      await asSuperuser(database.url, (client) => client.query(`drop owned by ${role}; drop role ${role}`));
      await database.drop();
    },
  };
}
