import { expect, test } from "vitest";
import { unseenCharacter, withoutUnseen } from "../src/names.ts";

test.each([
  ["Invoice \u202Efdp.exe", "U+202E"],
  ["a\u2066b\u2069", "U+2066"],
  ["a\u200Eb", "U+200E"],
  ["pay\u200Bments", "U+200B"],
  ["pay\u2060ments", "U+2060"],
  ["\uFEFFBins", "U+FEFF"],
  ["soft\u00ADhyphen", "U+00AD"],
  ["\u3164", "U+3164"],
  ["pay\u200Dments", "U+200D"],
  ["pay\u200Cments", "U+200C"],
  ["a\uFE0F", "U+FE0F"],
  ["tag\u{E0061}", "U+E0061"],
  ["line\u2028line", "U+2028"],
  ["half \uD83D", "U+D83D"],
  ["\uDE00 half", "U+DE00"],
  ["a\0b", "U+0000"],
  ["a\tb", "U+0009"],
])("%j holds %s, which nobody would see, and is a name without it", (name, character) => {
  expect(unseenCharacter(name)).toBe(character);
  const seen = withoutUnseen(name);
  expect(unseenCharacter(seen)).toBeNull();
  expect(seen.length).toBeLessThan(name.length);
});

test.each([
  "Heating and hot water",
  "Ñandú, Łódź, Zürich – “quoted”",
  "Cafe\u0301",
  "می\u200Cخواهم",
  "क्\u200Dष",
  "දීප්\u200Dති",
  "👩\u200D👩\u200D👧",
  "❤\uFE0F\u200D🔥",
  "🏳\uFE0F\u200D🌈",
  "👩🏽\u200D🔬",
  "1\uFE0F\u20E3",
  "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
  "葛\u{E0100}城",
  "한국어, 日本語, العربية, עברית, ไทย",
])("%j is a name as it is", (name) => {
  expect(unseenCharacter(name)).toBeNull();
  expect(withoutUnseen(name)).toBe(name);
});
