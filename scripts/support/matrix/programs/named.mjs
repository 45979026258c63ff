import { Pool } from "@openhouse/pool";
import { scoped } from "@openhouse/pool/tenants";
import { report, same } from "./small-job.mjs";

// Statements that go by names, of which older versions of pg keep less account than newer ones.
const pool = new Pool({ connectionString: process.env.MATRIX_URL, ssl: false, max: 1 });
const lines = [];
async function check(name, work) {
  try {
    await work();
    lines.push({ name });
  } catch (error) {
    lines.push({ name, wrong: `${error.code ?? error.name}: ${error.message}` });
  }
}
const item = async (id) => (await pool.query("select name from item where id = $1", [id])).rows;
const named = { name: "of-the-caller", text: "select name from item where id = $1", values: [1] };

await check("a text that comes again is prepared, and again after a change of the schema", async () => {
  await pool.query("create table item (id int primary key, name text)");
  await pool.query("insert into item values (1, 'a')");
  for (let round = 0; round < 5; round++) same(await item(1), [{ name: "a" }]);
  await pool.query("alter table item alter column name type varchar(10)");
  for (let round = 0; round < 5; round++) same(await item(1), [{ name: "a" }]);
});
await check("a caller's own name", async () => {
  for (let round = 0; round < 3; round++) same((await pool.query(named)).rows, [{ name: "a" }]);
  await pool.query("deallocate all");
  same((await pool.query(named)).rows, [{ name: "a" }]);
});
await check("one name twice in a batch", async () => {
  const tenant = scoped(pool, { "app.tenant_id": "a" });
  await pool.query("deallocate all");
  const results = await tenant.batch([named, named]);
  same(
    results.map(({ rows }) => rows),
    [[{ name: "a" }], [{ name: "a" }]],
  );
  // Sent by its name, and prepared once: a second Parse would be refused, and the batch sent again without names.
  const { rows } = await pool.query("select name from pg_prepared_statements where name = 'of-the-caller'");
  same(rows, [{ name: "of-the-caller" }]);
});
await check("a named statement that fails, and is sent again", async () => {
  const dividing = { name: "dividing", text: "select 1 / $1::int as one", values: [0] };
  for (let round = 0; round < 2; round++) same(await pool.query(dividing).catch(({ code }) => code), "22012");
  same((await pool.query({ ...dividing, values: [1] })).rows, [{ one: 1 }]);
});
await pool.end();
report(lines);
