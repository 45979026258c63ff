import { type Kind, type Lab, withStack } from "./lab.ts";

export const fault = "20 connections of one age expire (3 s)";
const COUNT = 20;
const LIFETIME_S = 3;
const WINDOW_MS = 50;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const options = { max: COUNT, maxLifetimeSeconds: LIFETIME_S };
  return withStack({ kind, lab, options }, async ({ pool }) => {
    const removedAtMs: number[] = [];
    pool.on("remove", () => removedAtMs.push(performance.now()));
    await Promise.all(Array.from({ length: COUNT }, () => pool.query("select pg_sleep(0.3)")));
    const deadline = performance.now() + 1_500 * LIFETIME_S;
    while (removedAtMs.length < COUNT && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const together = removedAtMs.map(
      (at) => removedAtMs.filter((each) => each >= at && each < at + WINDOW_MS).length,
    );
    return `up to ${Math.max(0, ...together)} of ${COUNT} go within ${WINDOW_MS} ms`;
  });
}
