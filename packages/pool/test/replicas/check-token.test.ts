import { expect, onTestFinished, test } from "vitest";
import { ReadToken } from "../../src/query/read-token.ts";
import { ReplicaSet } from "../../src/replicas/replica-set.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

test("a position is refused by the primary's word alone: one that does not answer has refused nothing", async () => {
  const { pool, proxy } = await database.proxied({ max: 1 });
  const set = new ReplicaSet({ replicas: [], primary: pool, fallback: pool, measureEveryMs: 60_000 });
  onTestFinished(() => set.close());
  await set.measure();
  const { rows } = await pool.query("select pg_current_wal_insert_lsn()::text as lsn");
  const ahead = new ReadToken(1, "FFFFFFFF/0");
  await expect(set.checkToken(ahead)).rejects.toMatchObject({ code: "READ_TOKEN" });
  await set.checkToken(new ReadToken(1, rows[0].lsn));
  proxy.pause();
  await set.checkToken(ahead);
  proxy.resume();
  await expect(set.checkToken(ahead)).rejects.toMatchObject({ code: "READ_TOKEN" });
});
