import { expect, test } from "vitest";
import { threadTitle } from "../src/thread-title.ts";

test.each([
  ["How do I bleed a radiator?", "Bleed a radiator"],
  ["Which day is the food waste collected?", "Day is the food waste collected"],
  ["hello, where can my visitors park??", "Visitors park"],
  ["Good morning! Thanks. What's the wifi password?", "Wifi password"],
  ["Où est l’élévateur (bâtiment B)?", "Où est l’élévateur (bâtiment B)"],
  ["Is there a warranty\nfor the boiler?", "Warranty"],
  ["Can you help me?", "Can you help me?"],
  ["  ?  ", "?"],
])("%j becomes %j", (question, title) => {
  expect(threadTitle([question])).toBe(title);
});

test("a greeting is passed over for the question that follows, and no question has no title", () => {
  expect(threadTitle(["Hello there!", "Is the heating on a meter?"])).toBe("Heating on a meter");
  expect(threadTitle([])).toBeNull();
});

test("it fits a line, however long the question or its words are", () => {
  const long = threadTitle([
    "Please explain ventilation filters, extractor cleaning, condensation, mould and draughts",
  ]);
  expect(long).toBe("Ventilation filters, extractor cleaning, condensation, mould");
  expect(threadTitle([`${"💧".repeat(10)} ${"a".repeat(100)}`])?.length).toBeLessThanOrEqual(60);
  expect(threadTitle(["Is the \u202Eheating on\u200B a meter?"])).toBe("Heating on a meter");
  expect(threadTitle(["💧".repeat(4_000)])).toBe(`${"💧".repeat(59)}…`);
});
