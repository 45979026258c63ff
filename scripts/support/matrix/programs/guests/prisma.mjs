import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "../prisma/generated/client.ts";

export async function work({ pool, step }) {
  await pool.query(`create table "Item" (id serial primary key, name text unique not null)`);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  await step("create, find", async () => {
    await prisma.item.createMany({ data: [{ name: "a" }, { name: "b" }] });
    return prisma.item.findMany({ orderBy: { id: "asc" } });
  });
  await step("a duplicate", () => prisma.item.create({ data: { name: "a" } }).catch(({ code }) => code));
  await step("interactive rollback", async () => {
    const failing = prisma.$transaction(async (tx) => {
      await tx.item.create({ data: { name: "c" } });
      throw new Error("on purpose");
    });
    return [await failing.catch(({ message }) => message), await prisma.item.count()];
  });
  await step("fifty at once", async () => {
    const found = await Promise.all(
      Array.from({ length: 50 }, () => prisma.item.findUnique({ where: { name: "b" } })),
    );
    return new Set(found.map(({ id }) => id)).size;
  });
  // Where the adapter takes the pool for a configuration it opens one of its own, and this one stays empty.
  await step("the pool is the one that is given", () => pool.totalCount > 0);
  await step("raw", () => prisma.$queryRaw`select count(*)::int as n from "Item"`);
  await step("disconnect", () => prisma.$disconnect());
}
