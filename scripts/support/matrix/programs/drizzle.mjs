import { Pool } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { eq, sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { report, same } from "./small-job.mjs";

const account = pgTable("account", { id: integer().primaryKey(), tenant: text().notNull() });
const pool = new Pool({ connectionString: process.env.MATRIX_URL, ssl: false, max: 2 });
const { db, scoped } = drizzleOverPool(() => pool, { account });

const lines = [];
async function check(name, work) {
  try {
    await work();
    lines.push({ name });
  } catch (error) {
    lines.push({ name, wrong: `${error.code ?? error.name}: ${error.message}` });
  }
}

await check("insert and select", async () => {
  await db.execute(sql`create table account (id int primary key, tenant text not null)`);
  await db.insert(account).values({ id: 1, tenant: "a" });
  same(await db.select().from(account).where(eq(account.id, 1)), [{ id: 1, tenant: "a" }]);
});
await check("transaction", async () => {
  await db.transaction((tx) => tx.insert(account).values({ id: 2, tenant: "b" }));
  same(await db.$count(account), 2);
});
await check("rollback", async () => {
  const failed = await db
    .transaction(async (tx) => {
      await tx.insert(account).values({ id: 3, tenant: "c" });
      throw new Error("on purpose");
    })
    .catch((error) => error.message);
  same([failed, await db.$count(account)], ["on purpose", 2]);
});
await check("a savepoint is rolled back alone", async () => {
  await db.transaction(async (tx) => {
    await tx.insert(account).values({ id: 4, tenant: "d" });
    await tx.transaction((inner) => inner.insert(account).values({ id: 4, tenant: "d" })).catch(() => {});
  });
  same(await db.$count(account), 3);
});
await check("scoped statement", async () => {
  const tenant = scoped({ "app.tenant_id": "a" });
  const one = await tenant
    .select({ tenant: account.tenant })
    .from(account)
    .where(sql`tenant = current_setting('app.tenant_id')`);
  same(one, [{ tenant: "a" }]);
});
await check("scoped transaction", async () => {
  const tenant = scoped({ "app.tenant_id": "b" });
  const { rows } = await tenant.transaction((tx) =>
    tx.execute(sql`select current_setting('app.tenant_id') as id`),
  );
  same(rows, [{ id: "b" }]);
});
await check("drizzle(pool) as it is", async () => {
  const { drizzle } = await import("drizzle-orm/node-postgres");
  const plain = drizzle({ client: pool });
  await plain.transaction((tx) => tx.delete(account).where(eq(account.id, 4)));
  same(await plain.$count(account), 2);
});
await check("end", async () => {
  await pool.end();
  same(pool.totalCount, 0);
});
report(lines);
