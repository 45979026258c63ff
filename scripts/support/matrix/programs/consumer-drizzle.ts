import { Pool } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { integer, pgTable, text } from "drizzle-orm/pg-core";

const account = pgTable("account", { id: integer().primaryKey(), tenant: text() });
const pool = new Pool({ connectionString: "postgres://" });
const { db, scoped } = drizzleOverPool(() => pool, { account });
export const ids: Promise<{ id: number }[]> = db.select({ id: account.id }).from(account);
export const own: Promise<number> = scoped({ "app.tenant_id": "a" }).transaction(async (tx) => {
  const rows = await tx.select().from(account);
  return rows.length;
});
