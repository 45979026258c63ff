import type pg from "pg";
import type { ClientOptions, OpenClient } from "./client.ts";
import { openPgPool } from "./connection.ts";
import { homeOf, noteOf, PAGE, pageOf, tenantOf } from "./rows.ts";
import { SQL } from "./statements.ts";

export async function open({ url, max, named }: ClientOptions): Promise<OpenClient> {
  const pool = openPgPool({ url, max });
  const statement = (name: keyof typeof SQL, values: unknown[]) =>
    named ? { name, text: SQL[name], values } : { text: SQL[name], values };
  const rows = async (name: keyof typeof SQL, values: unknown[]) =>
    (await pool.query(statement(name, values))).rows;

  const asTenant = async (n: number, work: (client: pg.PoolClient) => Promise<readonly unknown[]>) => {
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query(statement("setTenant", [tenantOf(n)]));
      const found = await work(client);
      await client.query("commit");
      return found;
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  };
  const readNote = async (client: pg.PoolClient, n: number) =>
    (await client.query(statement("note", [noteOf(n)]))).rows;

  return {
    operations: {
      pointSelect: (n) => rows("homeById", [homeOf(n)]),
      preparedSelect: async (n) =>
        (await pool.query({ name: "homeById", text: SQL.homeById, values: [homeOf(n)] })).rows,
      nested: (n) => rows("page", [pageOf(n), pageOf(n) + PAGE - 1]),
      insert: (n) => rows("visit", [homeOf(n), "rang twice"]),
      insertKey: async (n) => [await pool.query(statement("key", [n, "a key"]))],
      unscopedSelect: (n) => rows("openNote", [tenantOf(n), noteOf(n)]),
      scopedSelect: (n) => asTenant(n, (client) => readNote(client, n)),
      tenantTransaction: (n) =>
        asTenant(n, async (client) => {
          const found = await readNote(client, n);
          await client.query(statement("touchNote", [noteOf(n)]));
          await client.query(statement("tenantVisit", ["rang twice"]));
          await client.query(statement("countNotes", [noteOf(n), noteOf(n) + 9]));
          return found;
        }),
      tenantPage: (n) =>
        asTenant(n, async (client) => {
          const range = [noteOf(n), noteOf(n) + 9];
          const found = await readNote(client, n);
          await client.query(statement("notes", range));
          await client.query(statement("countNotes", range));
          await client.query(statement("nextNotes", [noteOf(n)]));
          await client.query(statement("lastUpdate", range));
          return found;
        }),
    },
    close: () => pool.end(),
  };
}
