import { classifyError, poolFromUrl } from "@openhouse/pool";
import { poolHealth, poolMetrics, toNodeListener } from "@openhouse/pool/http";
import { closeOnSignals } from "@openhouse/pool/process";
import express from "express";
import { Kysely, PostgresDialect, sql } from "kysely";

/** How long requests under way may take when the process is asked to end. */
const END_MS = 10_000;

const pool = poolFromUrl(process.env.DATABASE_URL, { max: 10 });
const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
const health = poolHealth(pool);

await sql`create table if not exists account (id int primary key, cents int not null check (cents >= 0))`.execute(
  db,
);
await sql`insert into account values (1, 1000), (2, 0) on conflict do nothing`.execute(db);

const app = express();
app.get("/healthz", toNodeListener(health.ready));
app.get("/metrics", (_request, response) => response.type("text/plain").send(poolMetrics(pool)));
app.get("/accounts", async (_request, response) => {
  response.json(await db.selectFrom("account").selectAll().orderBy("id").execute());
});
app.post("/transfers", express.json(), async (request, response) => {
  const { from, to, cents } = request.body ?? {};
  if (![from, to, cents].every(Number.isSafeInteger) || cents <= 0)
    return response.status(400).json({ error: "INVALID" });
  await db.transaction().execute(async (tx) => {
    // In the order of ids, whoever pays whom: two transfers at once do not wait for each other in a circle.
    for (const id of [from, to].sort((one, other) => one - other)) {
      await tx
        .updateTable("account")
        .set({ cents: sql`cents + ${id === from ? -cents : cents}` })
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
    }
  });
  response.status(204).end();
});

// What went wrong is told by its kind: no message of the database, and no value of a row, reaches a client.
app.use((error, _request, response, _next) => {
  const { kind, unavailable, sqlstate } = classifyError(error);
  if (unavailable) return response.set("Retry-After", "2").status(503).json({ error: kind });
  const isRefused = sqlstate === "23514"; // the check of the table: no account below zero
  response.status(isRefused ? 409 : 500).json({ error: isRefused ? "NOT_ENOUGH" : "INTERNAL" });
});

const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/accounts`);
});
closeOnSignals(async () => {
  // Listening ends, requests under way are answered, then the connections go.
  await Promise.all([new Promise((resolve) => server.close(resolve)), health.close()]);
  await pool.end({ timeoutMs: END_MS });
});
