import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { poolHealth, toNodeListener } from "@openhouse/pool/http";
import { closeOnSignals } from "@openhouse/pool/process";
import { classify, close, database, retried, retries } from "./database.ts";

const resource = database();
const { pool, client } = resource;

// In your project: `prisma migrate deploy`.
await pool.query(`create table if not exists account (
  id serial primary key, email text not null unique, cents int not null default 0 check (cents >= 0))`);
await pool.warmUp(); // `min` connections are open before the first request

const health = poolHealth(pool);
const ready = toNodeListener(health.ready);

const server = createServer((request, response) => {
  if (request.url === "/healthz") return void ready(request, response);
  answer(request).then(
    ([status, body]) => send(response, status, body),
    (error: unknown) => fail(response, error),
  );
});

async function answer(request: IncomingMessage): Promise<[status: number, body?: unknown]> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const email = searchParams.get("email") ?? "";
  switch (`${request.method} ${pathname}`) {
    case "GET /accounts":
      // A read may be sent again, whatever became of it.
      return [
        200,
        await retried(() => client.account.findMany({ orderBy: { id: "asc" } }), { idempotent: true }),
      ];
    case "POST /accounts":
      return [201, await client.account.create({ data: { email } })];
    case "POST /deposits":
      await retried(() => deposit(email, 1));
      return [204];
    case "GET /retries":
      return [200, retries()];
    default:
      return [404, { error: "NOT_FOUND" }];
  }
}

/** Reads, then writes: two at once would lose one of them, but for the isolation level, at which one is run again. */
async function deposit(email: string, cents: number): Promise<void> {
  await client.$transaction(
    async (tx) => {
      const account = await tx.account.findUniqueOrThrow({ where: { email } });
      await tx.account.update({ where: { email }, data: { cents: account.cents + cents } });
    },
    { isolationLevel: "Serializable" },
  );
}

/** What went wrong is told by its kind: no message of the database, and no value of a row, reaches a client. */
function fail(response: ServerResponse, error: unknown): void {
  const { kind, unavailable } = classify(error);
  if (unavailable) send(response.setHeader("Retry-After", "2"), 503, { error: kind });
  else if (kind === "constraint") send(response, 409, { error: "REFUSED" });
  else send(response, 500, { error: "INTERNAL" });
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };
console.log(`http://127.0.0.1:${port}/accounts`);

closeOnSignals(async () => {
  // Listening ends, requests under way are answered, then the connections go.
  await Promise.all([new Promise((resolve) => server.close(resolve)), health.close()]);
  await close(resource);
});
