import { type Generated, Kysely, PostgresDialect, sql } from "kysely";
import Cursor from "pg-cursor";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

interface Schema {
  notes: { id: Generated<number>; body: string };
}

const database = useDatabase();

test("Kysely queries, runs transactions, streams over a cursor, and ends the pool", async () => {
  const pool = database.pool();
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
  await sql`create table notes (id serial primary key, body text not null)`.execute(db);

  await db
    .insertInto("notes")
    .values(["one", "two", "three"].map((body) => ({ body })))
    .execute();
  await db.transaction().execute((tx) => tx.insertInto("notes").values({ body: "four" }).execute());
  const failed = db.transaction().execute(async (tx) => {
    await tx.insertInto("notes").values({ body: "five" }).execute();
    throw new Error("boom");
  });
  await expect(failed).rejects.toThrow("boom");

  const streamed: string[] = [];
  for await (const { body } of db.selectFrom("notes").select("body").orderBy("id").stream(2)) {
    streamed.push(body);
  }
  expect(streamed).toEqual(["one", "two", "three", "four"]);
  for await (const { body } of db.selectFrom("notes").select("body").orderBy("id").stream(1)) {
    if (body === "two") break; // the cursor is closed, its connection goes on
  }
  expect(await db.selectFrom("notes").select("id").where("body", "=", "two").execute()).toEqual([{ id: 2 }]);
  expect(pool.getTotals().destroyed).toEqual({});

  await db.destroy();
  expect(pool.ended).toBe(true);
});
