import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import type { BenchContext } from "./context.ts";
import { withSubject } from "./subject.ts";

const SECRET = "a homeowner's letter";

export function secrets(context: BenchContext) {
  return withSubject(context, { max: 1 }, async ({ pool, db }) => {
    await pool.query("drop table if exists letters; create table letters (body text unique)");
    const insert = sql`insert into letters values (${SECRET})`;
    await db.execute(insert);
    const failure: unknown = await db.execute(insert).catch((error) => error);
    const client = await pool.connect();
    const { password } = new URL(context.url);
    const dumps = [
      inspect(failure, { depth: 5 }).includes(SECRET),
      failure instanceof Error && failure.message.includes(SECRET),
      inspect(pool, { depth: 8 }).includes(password),
      json(pool).includes(password),
      inspect(client, { depth: 5 }).includes(password),
    ];
    client.release();
    return { dumpsThatTell: `${dumps.filter(Boolean).length} of ${dumps.length}` };
  });
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return ""; // it has circles
  }
}
