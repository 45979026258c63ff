import knex from "knex";
import Client_PG from "knex/lib/dialects/postgres/index.js";
import { until } from "../small-job.mjs";

export async function work({ pool, step }) {
  // Knex takes no pool: it has one of its own, whose connections are those that this one lends.
  class OverPool extends Client_PG {
    acquireRawConnection() {
      return pool.connect();
    }
    destroyRawConnection(connection) {
      connection.release();
    }
  }
  const db = knex({ client: OverPool, version: "17", connection: {}, pool: { min: 0, max: 4 } });
  const names = async () => (await db("item").orderBy("id")).map(({ name }) => name);
  await step("schema, insert, select", async () => {
    await db.schema.createTable("item", (table) => {
      table.increments("id");
      table.text("name").unique();
    });
    const ids = await db("item").insert([{ name: "a" }, { name: "b" }], "id");
    return [ids, await names(), await db.schema.hasTable("item")];
  });
  await step("a duplicate", () =>
    db("item")
      .insert({ name: "a" })
      .catch(({ code }) => code),
  );
  await step("rollback, and a savepoint of its own", async () => {
    const failing = db.transaction(async (tx) => {
      await tx("item").insert({ name: "c" });
      await tx.transaction((inner) => inner("item").insert({ name: "a" })).catch(({ code }) => code);
      await tx("item").insert({ name: "d" });
      throw new Error("on purpose");
    });
    return [await failing.catch(({ message }) => message), await names()];
  });
  await step("commit", async () => {
    await db.transaction((tx) => tx("item").insert({ name: "e" }));
    return names();
  });
  await step("fifty at once", async () => {
    const found = await Promise.all(
      Array.from({ length: 50 }, () => db("item").where({ name: "b" }).first()),
    );
    return new Set(found.map(({ id }) => id)).size;
  });
  await step("raw", async () => (await db.raw("select ?::int + ? as n", [1, 2])).rows);
  await step("destroy gives every connection back", async () => {
    await db.destroy();
    await until(() => pool.idleCount === pool.totalCount, "every connection to be idle");
  });
}
