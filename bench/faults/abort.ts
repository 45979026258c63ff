import { type Kind, type Lab, observing, runningStatements, seconds, settled, withStack } from "./lab.ts";

export const fault = "the caller aborts a statement after 100 ms";

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return observing(lab, (observer) =>
    withStack({ kind, lab, options: { max: 2 } }, async ({ pool }) => {
      await pool.query("select 1");
      const statement = { text: "select pg_sleep(1.5)", signal: AbortSignal.timeout(100) };
      const outcome = await settled(pool.query(statement), 5_000);
      const running = await runningStatements(observer);
      if (outcome.how !== "failed") return `not possible: it ran for ${seconds(outcome.tookMs)}`;
      return `told after ${seconds(outcome.tookMs)}, ${running} running`;
    }),
  );
}
