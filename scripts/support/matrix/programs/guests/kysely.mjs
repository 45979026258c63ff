import { Kysely, PostgresDialect, sql } from "kysely";
import { until } from "../small-job.mjs";

export async function work({ pool, step }) {
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const count = async () => (await db.selectFrom("item").selectAll().execute()).length;
  await step("insert, select", async () => {
    await sql`create table item (id int primary key, name text)`.execute(db);
    await db
      .insertInto("item")
      .values([{ id: 1, name: "a" }])
      .execute();
    return db.selectFrom("item").selectAll().execute();
  });
  await step("transaction", async () => {
    await db.transaction().execute((tx) => tx.insertInto("item").values({ id: 2, name: "b" }).execute());
    return count();
  });
  await step("rollback", async () => {
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto("item").values({ id: 3, name: "c" }).execute();
      await tx.insertInto("item").values({ id: 1, name: "twice" }).execute();
    });
    return [await failing.catch((error) => error.code), await count()];
  });
  // Kysely opens a client of its own from the pool's options: without them it would be another server's.
  for (const inflightQueryAbortStrategy of ["cancel query", "kill session"]) {
    await step(inflightQueryAbortStrategy, async () => {
      const before = { host: process.env.PGHOST, port: process.env.PGPORT };
      Object.assign(process.env, { PGHOST: "127.0.0.1", PGPORT: "1" });
      try {
        const controller = new AbortController();
        const options = { signal: controller.signal, inflightQueryAbortStrategy };
        const sleeping = sql`select pg_sleep(60) as overlong`
          .execute(db, options)
          .catch((error) => error.name);
        const running = async () =>
          (
            await pool.query(
              "select 1 from pg_stat_activity where state = 'active' and query like '%as overlong' and datname = current_database() and pid <> pg_backend_pid()",
            )
          ).rows.length;
        await until(async () => (await running()) === 1, "the statement to run");
        controller.abort();
        const ending = await sleeping;
        await until(async () => (await running()) === 0, "the statement to end on its server");
        return [ending, await count()];
      } finally {
        for (const [name, value] of [
          ["PGHOST", before.host],
          ["PGPORT", before.port],
        ]) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
      }
    });
  }
  await step("destroy", () => db.destroy());
}
