import { EntitySchema, MikroORM, PostgreSqlDriver } from "@mikro-orm/postgresql";
import { PostgresDialect } from "kysely";
import Cursor from "pg-cursor";

const Item = new EntitySchema({
  name: "Item",
  properties: {
    id: { type: "integer", primary: true, autoincrement: true },
    name: { type: "text", unique: true },
    at: { type: "Date", nullable: true },
  },
});

export async function work({ pool, step }) {
  const orm = await MikroORM.init({
    driver: PostgreSqlDriver,
    dbName: pool.options.database ?? new URL(pool.options.connectionString).pathname.slice(1),
    driverOptions: new PostgresDialect({ pool, cursor: Cursor }),
    entities: [Item],
  });
  const names = async () =>
    (await orm.em.fork().find("Item", {}, { orderBy: { id: "asc" } })).map(({ name }) => name);
  await step("schema", async () => {
    await orm.schema.create();
    return orm.isConnected();
  });
  await step("persist, find", async () => {
    const em = orm.em.fork();
    em.create("Item", { name: "a", at: new Date(0) });
    em.create("Item", { name: "b" });
    await em.flush();
    return [await names(), await orm.em.fork().findOne("Item", { name: "a" })];
  });
  await step("a duplicate", async () => {
    const em = orm.em.fork();
    em.create("Item", { name: "a" });
    return em.flush().catch(({ name, code }) => [name, code]);
  });
  await step("rollback, and a savepoint", async () => {
    const failing = orm.em.fork().transactional(async (em) => {
      em.create("Item", { name: "c" });
      await em.flush();
      await em
        .transactional(async (inner) => void inner.create("Item", { name: "a" }))
        .catch(({ name }) => name);
      throw new Error("on purpose");
    });
    return [await failing.catch(({ message }) => message), await names()];
  });
  await step("stream", async () => {
    const seen = [];
    for await (const item of orm.em.fork().stream("Item", { orderBy: { id: "asc" } })) seen.push(item.name);
    return seen;
  });
  await step("fifty at once", async () => {
    const found = await Promise.all(
      Array.from({ length: 50 }, () => orm.em.fork().findOne("Item", { name: "b" })),
    );
    return new Set(found.map(({ id }) => id)).size;
  });
  await step("close", () => orm.close());
}
