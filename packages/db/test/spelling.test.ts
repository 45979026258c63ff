import { expect, test } from "vitest";
import { nearestWord, replaceWords, slips } from "../src/spelling.ts";

test.each([
  ["parking", "parking", 0],
  ["parkng", "parking", 1],
  ["parrking", "parking", 1],
  ["parcing", "parking", 1],
  ["pakring", "parking", 1],
  ["comunnal", "communal", 2],
  ["", "abc", 3],
  ["abc", "", 3],
])("from %j to %j it is %i slips", (one, other, count) => {
  expect(slips(one, other)).toBe(count);
});

test.each([
  ["raditor", ["radiator", "monitor"], "radiator"],
  ["heet", ["heating", "heat", "meet"], "heat"],
  ["aprking", ["parking"], "parking"],
  ["garden", ["warden"], null],
  ["swimming", ["trimming"], "trimming"],
  ["boat", ["boiler"], null],
  ["valv", ["valve", "vale"], "valve"],
])("%j among %j means %j", (word, candidates, meant) => {
  expect(nearestWord(word, candidates)).toBe(meant);
});

test("the rest of a query stays as it was typed", () => {
  const meant = new Map([["parkng", "parking"]]);
  expect(replaceWords('Where is "Parkng", 2nd floor? parkngs', meant)).toBe(
    'Where is "parking", 2nd floor? parkngs',
  );
});
