import { growthOf, MOST_GROWTH } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { readSearch } from "../lib/search/read-search.ts";

test.each([
  [null, null, { fault: "query_empty", query: "" }],
  ["  \t ", null, { fault: "query_empty", query: "" }],
  [" heat\u0000pump\n", null, { query: "heat pump", page: 1 }],
  ["a".repeat(200), "2", { query: "a".repeat(200), page: 2 }],
  ["a".repeat(201), null, { fault: "query_too_long", query: "a".repeat(201) }],
  ["heat", "10000", { query: "heat", page: 10_000 }],
])("%j, page %j", (q, page, asked) => {
  expect(readSearch(q, page)).toEqual(asked);
});

test.each(["", "0", "-1", "1.5", "1e3", "10001", "99999999999999999999", "two", " 1"])(
  "%j is no page",
  (page) => {
    expect(readSearch("heat", page)).toEqual({ fault: "page_invalid", query: "heat" });
  },
);

test.each(["a", " ", "\u0000", "\u0000a", "a ", "\u00a0", "ﷺ", "👩\u200D"])(
  "a query of nothing but %j takes as much more as it is longer",
  async (piece) => {
    const read = (query: string) => [readSearch(query, null), readSearch("heat", query)];
    const { ratio, figures } = await growthOf(read, (length) => piece.repeat(length / piece.length));
    expect(ratio, figures).toBeLessThan(MOST_GROWTH);
  },
);
