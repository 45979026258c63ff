import PgBoss from "pg-boss";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

test("pg-boss makes its tables, sends a job, works on it, and stops", async () => {
  const pool = database.pool();
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    supervise: false,
    schedule: false,
  });
  const errors: unknown[] = [];
  boss.on("error", (error) => errors.push(error));
  await boss.start();
  await boss.createQueue("greetings");
  const sent = await boss.send("greetings", { name: "Ann" });

  const worked = new Promise((resolve) => {
    void boss.work<{ name: string }>("greetings", { pollingIntervalSeconds: 0.5 }, async ([job]) =>
      resolve(job),
    );
  });
  expect(await worked).toMatchObject({ id: sent, data: { name: "Ann" } });

  await boss.stop({ graceful: true, wait: true, timeout: 5_000 });
  expect(errors).toEqual([]);
  const { rows } = await pool.query("select state::text from pgboss.job where id = $1", [sent]);
  expect(rows).toEqual([{ state: "completed" }]);
});
