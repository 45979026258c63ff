import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import { connectionOf } from "../clients/connection.ts";
import { type Kind, type Lab, withStack } from "./lab.ts";

export const fault = "errors and pools reach a log";
const SECRET = "a homeowner's letter";

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withStack({ kind, lab, options: { max: 1 } }, async ({ pool, db }) => {
    await pool.query("drop table if exists row_18; create table row_18 (body text unique, n int)");
    const insert = sql`insert into row_18 values (${SECRET}, 1)`;
    await db.execute(insert);
    const failure: unknown = await db.execute(insert).catch((error) => error);
    const client = await pool.connect();
    const password = String(connectionOf(lab.url).password);
    const dumps = {
      "inspect(error)": inspect(failure, { depth: 5 }).includes(SECRET),
      "error.message": failure instanceof Error && failure.message.includes(SECRET),
      "inspect(pool)": inspect(pool, { depth: 8, showHidden: false }).includes(password),
      "JSON of pool": json(pool).includes(password),
      "inspect(client)": inspect(client, { depth: 5 }).includes(password),
    };
    client.release();
    const telling = Object.values(dumps).filter(Boolean).length;
    return `${telling} of ${Object.keys(dumps).length} dumps tell a secret`;
  });
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}
