import { expect, test } from "vitest";
import { hyphenated, joined, replaceCompounds } from "../src/meant-words.ts";

test("a word may be two with a hyphen, at each place between two letters", () => {
  expect(hyphenated("wifi")).toEqual(["w-ifi", "wi-fi"]);
  for (const none of ["", "a", "ab", "e5", "wi-fi", "x".repeat(21)]) expect(hyphenated(none)).toEqual([]);
});

test("a hyphenated word of which a part is missing may be one, and the rest of the query stays", () => {
  const meant = joined("Charge my E-Bike in the car-port", new Set(["e"]));
  expect(meant).toEqual(new Map([["e-bike", "ebike"]]));
  expect(replaceCompounds("Charge my E-Bike in the car-port", meant)).toBe("Charge my ebike in the car-port");
});
