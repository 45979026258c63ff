import { once } from "node:events";
import { expect } from "vitest";
import { test } from "../fixture.ts";

test.for(["developer", "tenant"] as const)(
  "SIGTERM ends the %s portal with exit code 0",
  async (which, { portals }) => {
    const { process: child, output } = portals[which];
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(output()).not.toMatch(/unhandled|uncaught/i);
  },
);
