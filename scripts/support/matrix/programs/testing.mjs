import { existsSync, rmSync } from "node:fs";
import {
  createTestDatabase,
  defaultBaseDirectory,
  startEmbeddedPostgres,
  startFaultProxy,
} from "@openhouse/pool-testing";
import pg from "pg";
import { report, same } from "./small-job.mjs";

// What the package's README promises, on each server: major version, and where its binaries are when they are not the package's own.
const lines = [];
for (const [major, binariesPackage] of JSON.parse(process.env.MATRIX_SERVERS)) {
  const check = async (name, work) => {
    try {
      await work();
      lines.push({ name: `${major}: ${name}` });
    } catch (error) {
      lines.push({ name: `${major}: ${name}`, wrong: `${error?.code ?? error?.name}: ${error?.message}` });
    }
  };
  let server;
  await check("the server starts, and is of that version", async () => {
    server = await startEmbeddedPostgres({
      name: `outside-${major}`,
      ...(binariesPackage && { binariesPackage }),
    });
    const { server_version } = (await ask(server.url, "show server_version")).rows[0];
    same(server_version.split(".")[0], major);
  });
  if (server === undefined) continue;
  await check("a database is cloned from a template, and dropped", async () => {
    const template = await createTestDatabase({ server: server.url });
    await ask(template.url, "create table kept (value text); insert into kept values ('kept')");
    const copy = await createTestDatabase({ server: server.url, template: template.name });
    same((await ask(copy.url, "select value from kept")).rows, [{ value: "kept" }]);
    await copy.drop();
    await template.drop();
  });
  await check("the proxy loses a COMMIT's answer, and the server has kept it", async () => {
    const database = await createTestDatabase({ server: server.url });
    await ask(database.url, "create table kept (value text)");
    const proxy = await startFaultProxy(server);
    proxy.cutAfter("commit");
    const client = new pg.Client({ connectionString: proxy.url(database.url), ssl: false });
    client.on("error", () => {});
    await client.connect();
    await client.query("begin");
    await client.query("insert into kept values ('kept')");
    const outcome = await client.query("commit").then(
      () => "answered",
      () => "lost",
    );
    same(outcome, "lost");
    same((await ask(database.url, "select value from kept")).rows, [{ value: "kept" }]);
    await client.end().catch(() => {});
    await proxy.close();
    await database.drop();
  });
  await check("stop removes the server's data", async () => {
    await server.stop();
    same(existsSync(server.dataDirectory), false);
  });
}
delete process.env.TEST_DATABASE_URL;
const without = await createTestDatabase().catch((error) => error);
const told =
  without instanceof Error && without.message.includes("the test run's global setup starts a server");
lines.push(told ? { name: "no server is told" } : { name: "no server is told", wrong: String(without) });
rmSync(defaultBaseDirectory(), { recursive: true, force: true });
report(lines);

async function ask(url, text) {
  const client = new pg.Client({ connectionString: url, ssl: false });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
