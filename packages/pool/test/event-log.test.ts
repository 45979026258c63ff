import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { keepLines } from "./support/log-lines.ts";
import { settled, useDatabase } from "./support/pools.ts";

const database = useDatabase();
const FIGURES = { totalCount: expect.any(Number), idleCount: expect.any(Number), max: 2 };

test("a logger that takes debug lines gets every connect, acquire and remove, with the pool's figures", async () => {
  const { lines, logger } = keepLines();
  const pool = database.pool({ logger });
  await pool.query("select 1");
  (await pool.connect()).release(true);
  await settled(pool);
  expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
    "debug db.pool.connected",
    "debug db.pool.acquired",
    "debug db.pool.acquired",
    "debug db.pool.destroyed",
  ]);
  for (const { fields } of lines) expect(fields).toMatchObject(FIGURES);
  expect(lines[1]?.fields).toHaveProperty("waitedMs");
  expect(lines[3]?.fields).toMatchObject({ reason: "requested" });
});

test("the loss of an idle connection is a warning, with its kind and SQLSTATE", async () => {
  const { lines, logger } = keepLines();
  const pool = database.pool({ logger });
  const { rows } = await pool.query("select pg_backend_pid() as pid");
  await (await database.observer()).query("select pg_terminate_backend($1)", [rows[0].pid]);
  await waitFor(() => lines.some(({ level }) => level === "warn"), { what: "the warning" });
  const warning = lines.find(({ level }) => level === "warn");
  expect(warning).toMatchObject({
    event: "db.pool.connection_lost",
    fields: { ...FIGURES, kind: "shutting_down", sqlstate: "57P01" },
  });
});

test("a logger without debug lines makes nobody listen to acquires", () => {
  const { logger } = keepLines();
  const { debug: _, ...quiet } = logger;
  expect(database.pool({ logger }).listenerCount("acquire")).toBe(1);
  expect(database.pool({ logger: quiet }).listenerCount("acquire")).toBe(0);
  expect(database.pool().listenerCount("acquire")).toBe(0);
});

test("an event that nobody knows does not compile", () => {
  const { lines, logger } = keepLines();
  logger.warn("db.pool.leak");
  // @ts-expect-error: not one of the pool's events
  logger.warn("db.pool.leek");
  expect(lines).toHaveLength(2);
});
