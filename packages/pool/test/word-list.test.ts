import { expect, test } from "vitest";
import { WordList } from "../src/sql/word-list.ts";

test("a word with braces stands for one with each of the parts, whatever is around them", () => {
  const list = new WordList(
    `abs json{,b}_{agg, object,
     typeof} lower_{inc,inf}`,
    "now",
  );
  const words =
    "abs json_agg json_object json_typeof jsonb_agg jsonb_object jsonb_typeof lower_inc lower_inf now";
  expect([...list]).toEqual(words.split(" "));
  expect(["jsonb_agg", "json", "json{,b}_{agg", "lower_"].filter((word) => list.has(word))).toEqual([
    "jsonb_agg",
  ]);
});
