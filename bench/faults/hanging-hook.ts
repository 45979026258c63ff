import { type Kind, type Lab, seconds, settled, withStack } from "./lab.ts";

export const fault = "a connect hook hangs (deadline 500 ms)";
const LIMIT_MS = 3_000;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const options = { max: 1, connectionTimeoutMillis: 500, onConnect: () => new Promise<void>(() => {}) };
  return withStack({ kind, lab, options }, async ({ pool }) => {
    const outcome = await settled(pool.query("select 1"), LIMIT_MS);
    return outcome.how === "hangs"
      ? `hangs (> ${seconds(LIMIT_MS)})`
      : `told after ${seconds(outcome.tookMs)}`;
  });
}
