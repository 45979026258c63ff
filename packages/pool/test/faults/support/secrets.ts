// A process for row 18: does what goes wrong, and writes of it all that a careless application would write.
import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import { drizzleOverPool } from "../../../src/drizzle/database.ts";
import { createHealthHandlers } from "../../../src/health/handlers.ts";
import { HealthProbe } from "../../../src/health/probe.ts";
import { Pool } from "../../../src/pool.ts";
import { Client } from "../../../src/query/client.ts";
import { consoleLogger, describeError, type LogEvent } from "../../../src/telemetry/logger.ts";
import { optionsFor } from "../../support/options.ts";

const [, , url = "", wrongPassword = "", email = ""] = process.argv;
const people = pgTable("people", { email: text().primaryKey(), photo: text() });
const logger = consoleLogger<LogEvent | "test.request_failed">({ format: "json", debug: true });

const options = optionsFor(url);
const pool = new Pool({ ...options, max: 1, min: 0, logger });
const { db } = drizzleOverPool(() => pool, { people });
const photo = "p".repeat(2_000_000);
const attempts = [
  () => pool.query("insert into people values ($1, $2)", [email, photo]),
  () => db.insert(people).values({ email, photo }),
  () => db.transaction((tx) => tx.insert(people).values({ email, photo })),
  () => db.execute(sql`select ${email}::int`),
];
for (const attempt of attempts) {
  const error: unknown = await attempt().then(
    () => new Error("it was to fail"),
    (caught) => caught,
  );
  logger.error("test.request_failed", { ...describeError(error) });
  console.error(error);
  console.error(inspect(error, { depth: 10 }));
  console.error(JSON.stringify(error), String(error));
}

const client = await pool.connect();
console.log(`cancel secret ${Buffer.from(String(Reflect.get(client, "secretKey"))).toString("hex")}`);
const byUrl = new Pool({ connectionString: url, max: 1, min: 0 });
for (const subject of [pool, client, pool.options, { pool, client }, byUrl, byUrl.options]) {
  console.log(inspect(subject, { depth: 10 }), JSON.stringify(subject));
}
client.release();

const refused = new Pool({ ...options, password: wrongPassword, max: 1, min: 0, logger });
console.error(await refused.query("select 1").catch((error) => error));

const probe = new HealthProbe(() => new Client({ ...options, password: wrongPassword }));
const { db: health } = createHealthHandlers({ check: () => probe.check(refused.getStats(), false) });
console.log(`public ${await (await health(new Request("http://localhost/api/health/db"))).text()}`);
await Promise.all([pool.end(), byUrl.end(), refused.end(), probe.close()]);
