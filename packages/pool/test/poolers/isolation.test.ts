import {
  asSuperuser,
  createTestDatabase,
  type PgBouncer,
  startPgBouncer,
  type TestDatabase,
} from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Pool } from "../../src/pool.ts";
import { optionsFor } from "../support/options.ts";
import { hammer, hammerSchema } from "./hammer.ts";

const ROLE = `hammered_${process.pid}`;
let database: TestDatabase;
let pooler: PgBouncer;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await asSuperuser(database.url, (client) => client.query(hammerSchema(ROLE)));
  const own = new URL(database.url);
  own.username = ROLE;
  own.password = ROLE;
  pooler = await startPgBouncer({ target: own.href, mode: "transaction", poolSize: 4 });
  url = pooler.through(own.href);
});
afterAll(async () => {
  await pooler.stop();
  await asSuperuser(database.url, (client) => client.query(`drop owned by ${ROLE}; drop role ${ROLE}`));
  await database.drop();
});

test.each(["transaction", "auto"] as const)(
  "raw clients of two tenants through a pooler in transaction mode see no foreign row, where it is %s",
  async (mode) => {
    const pools = [0, 1].map(() => new Pool({ ...optionsFor(url), max: 8, min: 0, pooler: mode }));
    const report = await hammer(pools, { callers: 18, statements: 6_000 });
    await Promise.all(pools.map((pool) => pool.end()));
    expect(report).toMatchObject({ foreignRows: 0, missed: 0 });
    expect(report.refused).toBeGreaterThan(100);
  },
);
