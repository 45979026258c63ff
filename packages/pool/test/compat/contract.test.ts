import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";
import { calls } from "./contract/calls.ts";
import { inWorld } from "./contract/context.ts";
import { counts } from "./contract/counts.ts";
import { ending } from "./contract/ending.ts";
import { events } from "./contract/events.ts";
import { options } from "./contract/options.ts";
import { settings } from "./contract/settings.ts";
import { submittables } from "./contract/submittables.ts";

const database = useDatabase();
const tables = { calls, events, counts, settings, options, submittables, ending };

// Everything is tried on a pg.Pool and on ours, one after the other, with the same options on the same server.
describe.each(Object.entries(tables))("%s", (_name, behaviours) => {
  test.each(behaviours.map((behaviour) => [behaviour.what, behaviour] as const))("%s", async (_what, row) => {
    const plain = await inWorld("plain", database.url(), row.see);
    const ours = await inWorld("ours", database.url(), row.see);
    expect({ plain, ours }).toEqual("both" in row ? { plain: row.both, ours: row.both } : pick(row));
  });
});

test("every difference is explained, and every explanation has a difference", () => {
  const text = readFileSync(new URL("../../../../docs/PG_POOL_DIFFERENCES.md", import.meta.url), "utf8");
  const explained = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  const shown = Object.values(tables)
    .flat()
    .flatMap((row) => ("why" in row ? [row.why] : []));
  expect([...new Set(shown)].sort()).toEqual(explained.sort());
});

function pick({ plain, ours }: { plain: unknown; ours: unknown }) {
  return { plain, ours };
}
