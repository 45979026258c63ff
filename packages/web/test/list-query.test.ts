import { expect, test } from "vitest";
import { listHref, readListQuery } from "../src/list-query.ts";

const read = (query: Record<string, string | string[]>) => readListQuery(query, ["label", "handover"]);

test("an address is read as a list, whatever it holds", () => {
  const usual = { text: "", sort: "label", descending: false, page: 1 };
  expect(read({})).toEqual(usual);
  expect(read({ q: " flat\u00004 ", sort: "-handover", page: "12" })).toEqual({
    text: "flat 4",
    sort: "handover",
    descending: true,
    page: 12,
  });
  for (const page of ["0", "-1", "1.5", "x", "1e3", "9999999"]) expect(read({ page })).toEqual(usual);
  expect(read({ sort: "constructor", q: ["first", "second"] })).toEqual({ ...usual, text: "first" });
  expect(read({ q: "x".repeat(500) }).text).toHaveLength(100);
  expect(readListQuery({}, ["uploaded"], true).descending).toBe(true);
});

test("a list's address holds what differs from the usual, and is read as it was written", () => {
  expect(listHref("/documents", {})).toBe("/documents");
  const asked = { text: "a&b=c #1", sort: "handover", descending: true, page: 3 } as const;
  const href = listHref("/units", asked, { code: "open", other: "" });
  expect(href).toBe("/units?q=a%26b%3Dc+%231&code=open&sort=-handover&page=3");
  expect(read(Object.fromEntries(new URL(href, "http://x").searchParams))).toEqual(asked);
});
