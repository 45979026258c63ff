import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Fixture } from "../support/fixture.ts";

export function stopping(fixture: () => Fixture): void {
  describe("SIGTERM", () => {
    test.each(["developer", "tenant"] as const)("ends the %s portal with exit code 0", async (which) => {
      const { process: child, output } = fixture().portals[which];
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
      expect(output()).not.toMatch(/unhandled|uncaught/i);
    });
  });
}
