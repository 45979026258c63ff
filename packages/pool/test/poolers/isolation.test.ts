import { afterAll, beforeAll, expect, test } from "vitest";
import { openHammerSite } from "./hammer-site.ts";

let site: Awaited<ReturnType<typeof openHammerSite>>;

beforeAll(async () => {
  site = await openHammerSite();
});
afterAll(async () => {
  await site.close();
});

test.each(["transaction", "auto"] as const)(
  "raw clients of two tenants through a pooler in transaction mode see no foreign row, where it is %s",
  async (mode) => {
    const report = await site.run(mode, 6_000);
    expect(report).toMatchObject({ foreignRows: 0, missed: 0 });
    expect(report.refused).toBeGreaterThan(100);
  },
);
