import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../src/index.ts";

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // the forced drop ends it
  await client.connect();
  return client;
}

test("a test database is a copy of its template, and gone after drop", async () => {
  const template = await createTestDatabase();
  const maker = await connect(template.url);
  await maker.query("create table kept (value text); insert into kept values ('from the template')");
  await maker.end();

  const copy = await createTestDatabase({ template: template.name });
  const client = await connect(copy.url);
  const { rows } = await client.query("select value from kept");
  expect(rows).toEqual([{ value: "from the template" }]);
  await client.end();

  await copy.drop();
  await template.drop();
  await expect(connect(copy.url)).rejects.toMatchObject({ code: "3D000" });
});

test("drop fails the test that left a connection open, names it, and removes the database all the same", async () => {
  const database = await createTestDatabase();
  const forgotten = await connect(`${database.url}?application_name=forgotten`);

  await expect(database.drop()).rejects.toThrow(/left open.*\n.*application "forgotten"/);

  await expect(connect(database.url)).rejects.toMatchObject({ code: "3D000" });
  await forgotten.end().catch(() => {});
});
