import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";
import { inWorld } from "./contract/context.ts";
import { connecting } from "./pg-pool-behaviour/connecting.ts";
import { using } from "./pg-pool-behaviour/using.ts";

// What node-postgres' own tests of pg-pool look at (packages/pg-pool/test there), file by file, tried on a pg.Pool and on ours.
const database = useDatabase();
const files = Object.entries({ ...using, ...connecting });

describe.each(files)("%s", (_file, behaviours) => {
  test.each(behaviours.map((behaviour) => [behaviour.what, behaviour] as const))("%s", async (_what, row) => {
    const plain = await inWorld("plain", database.url(), row.see);
    const ours = await inWorld("ours", database.url(), row.see);
    const expected =
      "both" in row ? { plain: row.both, ours: row.both } : { plain: row.plain, ours: row.ours };
    expect({ plain, ours }).toEqual(expected);
  });
});

test("every difference has its reason in PG_POOL_DIFFERENCES.md", () => {
  const text = readFileSync(new URL("../../../../docs/PG_POOL_DIFFERENCES.md", import.meta.url), "utf8");
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  const differences = files.flatMap(([, rows]) => rows.flatMap((row) => ("why" in row ? [row.why] : [])));
  expect(differences.length).toBeGreaterThan(0);
  expect(differences.filter((why) => !headings.includes(why))).toEqual([]);
});
