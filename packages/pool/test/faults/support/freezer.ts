import { freeze } from "@openhouse/tooling/faults/freeze";
import { afterEach } from "vitest";

/** Stops processes, and returns what lets them go on; whatever is frozen thaws after the test. */
export function useFreezer() {
  const thaws: (() => void)[] = [];
  afterEach(() => {
    for (const thaw of thaws.splice(0)) thaw();
  });
  return (...pids: number[]): (() => void) => {
    const thaw = freeze(pids);
    thaws.push(thaw);
    return thaw;
  };
}
