import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Stage } from "../portals.test.ts";

export function stopping(onStage: () => Stage): void {
  describe("SIGTERM", () => {
    test.each(["developer", "tenant"] as const)("ends the %s portal with exit code 0", async (which) => {
      const { process: child, output } = onStage().portals[which];
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
      expect(output()).not.toMatch(/unhandled|uncaught/i);
    });
  });
}
