import { sql } from "drizzle-orm";
import { connectionOf } from "../clients/connection.ts";
import { type Kind, type Lab, seconds, withStack } from "./lab.ts";

export const fault = "connecting hangs while 2 connections are well";
const CALLERS = 20;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const { password } = connectionOf(lab.url);
  let opened = 0;
  // Asked at each connect, in the middle of it: from the third on, the answer takes for ever.
  const slowly = () => (++opened <= 2 ? String(password) : new Promise<string>(() => {}));
  const options = { max: 10, connectionTimeoutMillis: 1_000, password: slowly };
  return withStack({ kind, lab, options }, async ({ db }) => {
    await Promise.all([1, 2].map(() => db.execute(sql`select pg_sleep(0.05)`)));
    let longestMs = 0;
    const call = async () => {
      const startedAtMs = performance.now();
      await db.execute(sql`select pg_sleep(0.01)`).finally(() => {
        longestMs = Math.max(longestMs, performance.now() - startedAtMs);
      });
    };
    const outcomes = await Promise.allSettled(Array.from({ length: CALLERS }, call));
    const failed = outcomes.filter(({ status }) => status === "rejected").length;
    return `${failed} of ${CALLERS} callers fail, longest wait ${seconds(longestMs)}`;
  });
}
