import { freeze } from "@openhouse/tooling/faults/freeze";
import { afterEach } from "vitest";

/** Stops processes; whatever is frozen thaws after the test. */
export function useFreezer() {
  const thaws: (() => void)[] = [];
  afterEach(() => {
    for (const thaw of thaws.splice(0)) thaw();
  });
  return (...pids: number[]) => void thaws.push(freeze(pids));
}
