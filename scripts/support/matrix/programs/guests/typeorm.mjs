import "reflect-metadata";
import pg from "pg";
import { DataSource, EntitySchema } from "typeorm";

const Item = new EntitySchema({
  name: "item",
  columns: { id: { type: "int", primary: true, generated: true }, name: { type: "text", unique: true } },
});

export async function work({ PoolClass, poolOptions, step }) {
  // TypeORM takes no pool: it makes one of the driver's class, with options of its own beside these.
  class GivenPool extends PoolClass {
    constructor(options) {
      super({ ...options, ...poolOptions });
    }
  }
  const source = new DataSource({
    type: "postgres",
    url: poolOptions.connectionString,
    driver: { ...pg, Pool: GivenPool },
    entities: [Item],
    synchronize: true,
  });
  await step("synchronize", async () => (await source.initialize()).isInitialized);
  await step("save, find", async () => {
    await source.getRepository(Item).save([{ name: "a" }, { name: "b" }]);
    return source.getRepository(Item).find({ order: { id: "ASC" } });
  });
  await step("rollback", async () => {
    const failing = source.transaction(async (manager) => {
      await manager.getRepository(Item).insert({ name: "c" });
      await manager.getRepository(Item).insert({ name: "a" });
    });
    return [await failing.catch((error) => error.driverError.code), await source.getRepository(Item).count()];
  });
  await step("destroy", () => source.destroy());
}
