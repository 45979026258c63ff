import { growthOf, MOST_GROWTH } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { planImport } from "../lib/home-import.ts";

const HEADER = "unit,kind,bedrooms,floor area,handover,homeowner,e-mail\n";
const row = (at: number) => `Plot ${at},Flat,2,50,,Ann,a${at}@example.com\n`;
const rows = (length: number) => Array.from({ length: length / 40 }, (_, at) => row(at)).join("");

/** Lists of units that somebody may send, about as long as asked. */
const LISTS: Record<string, (length: number) => string> = {
  "a list as it should be": (length) => HEADER + rows(length),
  "a first line of commas": (length) => ",".repeat(length),
  "as many columns as rows": (length) =>
    `${HEADER.trim()}${",a".repeat(length / 4)}\n${"Plot 1,Flat,2,50\n".repeat(length / 34)}`,
  "one unit with many homeowners": (length) =>
    HEADER +
    Array.from({ length: length / 40 }, (_, at) => `Plot 1,Flat,2,50,,Ann,a${at}@example.com\n`).join(""),
  "a quotation mark that nothing closes": (length) => `${HEADER}"${"a".repeat(length)}`,
  "quotation marks": (length) => `${HEADER}${'"'.repeat(length)}`,
  "quoted quotation marks": (length) => `${HEADER}"${'""'.repeat(length / 2)}",x`,
  "empty lines": (length) => HEADER + "\n".repeat(length),
  "carriage returns": (length) => HEADER + "\r".repeat(length),
  "blanks in a column's name": (length) => `unit${" ".repeat(length)}x,kind\na,b`,
  "blanks in a cell": (length) => `${HEADER}Plot${" ".repeat(length)}1,Flat,2,50\n`,
  "slashes where a day should be": (length) => `${HEADER}Plot 1,Flat,2,50,${"1/".repeat(length / 2)},,\n`,
  "nothing but faults": (length) => HEADER + "x\n".repeat(length / 2),
};

test.each(Object.entries(LISTS))("%s takes as much more as it is longer", async (_what, list) => {
  const { ratio, figures } = await growthOf((csv: string) => planImport(csv, []), list);
  expect(ratio, figures).toBeLessThan(MOST_GROWTH);
});

test("a list against as many units as there are already takes as much more as both are longer", async () => {
  const inputOf = (length: number) => ({
    csv: HEADER + rows(length),
    known: Array.from({ length: length / 40 }, (_, at) => ({
      label: `Plot ${at}`,
      homeowners: [{ email: `b${at}@example.com` }],
    })),
  });
  const { ratio, figures } = await growthOf(
    ({ csv, known }: ReturnType<typeof inputOf>) => planImport(csv, known),
    inputOf,
  );
  expect(ratio, figures).toBeLessThan(MOST_GROWTH);
});

test("a first line that names more columns than any list has is told, and no row is read", () => {
  const wide = `${HEADER.trim()}${",a".repeat(94)}\nx`;
  expect(planImport(wide, []).faults).toEqual([
    { line: 1, text: "The first line names 101 columns; the most is 100." },
  ]);
});
