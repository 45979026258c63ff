import { sql } from "drizzle-orm";
import { type Kind, type Lab, observing, withStack } from "./lab.ts";

export const fault = "53300: the server takes 2 connections of 10";
const CALLERS = 20;

export async function measure(kind: Kind, lab: Lab): Promise<string> {
  await observing(lab, async (observer) => {
    await observer.query("drop role if exists row_10");
    await observer.query("create role row_10 login connection limit 2 password 'row_10'");
  });
  const url = new URL(lab.url);
  url.username = "row_10";
  url.password = "row_10";
  return withStack(
    { kind, lab, url: url.href, options: { max: 10, connectionTimeoutMillis: 5_000 } },
    async ({ db }) => {
      await Promise.allSettled([1, 2].map(() => db.execute(sql`select pg_sleep(0.05)`)));
      const calls = Array.from({ length: CALLERS }, () => db.execute(sql`select pg_sleep(0.02)`));
      const failed = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected").length;
      return `${failed} of ${CALLERS} callers fail`;
    },
  );
}
