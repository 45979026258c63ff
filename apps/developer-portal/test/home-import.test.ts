import { expect, test } from "vitest";
import { parseCsv } from "../lib/csv.ts";
import { EXAMPLE_CSV, planImport } from "../lib/home-import.ts";

const HEADER = "unit,kind,bedrooms,floor area,handover,homeowner,e-mail";
const faultsOf = (csv: string) => planImport(csv, []).faults?.map(({ line, text }) => `${line}: ${text}`);

test("the example on the page is read as it says", () => {
  const { plan } = planImport(EXAMPLE_CSV, []);
  expect(plan).toMatchObject({ newUnits: 2, newHomeowners: 2, knownUnits: 0, leftOut: [] });
  expect(plan?.homes[0]).toEqual({
    label: "Plot 1",
    kind: "Terraced house",
    bedrooms: 3,
    floorAreaM2: 84.5,
    handoverOn: "2026-11-21",
    homeowners: [
      { name: "Nora Field", email: "nora@example.com" },
      { name: "Tom Field", email: "tom@example.com" },
    ],
  });
});

test("quotes, other separators, a byte order mark and days as the British write them are read", () => {
  const csv = `\uFEFFPlot;Type;Beds;Area;Handover date;Price\r\n"Plot ""A""; west";House;2;70,5;1/9/2026;400000\r\n\r\n`;
  expect(planImport(csv, []).plan).toMatchObject({
    homes: [{ label: 'Plot "A"; west', floorAreaM2: 70.5, handoverOn: "2026-09-01", homeowners: [] }],
    leftOut: ["Price"],
  });
  expect(parseCsv('a\tb\n"1\n2"\t3\n4\t5').rows).toEqual([
    { line: 1, cells: ["a", "b"] },
    { line: 2, cells: ["1\n2", "3"] },
    { line: 4, cells: ["4", "5"] },
  ]);
});

test("every fault of a list is told at once, with its line", () => {
  expect(
    faultsOf(
      [
        HEADER,
        "Plot 1,House,three,84.5,2026-02-30,Nora,nora@example.com",
        "Plot 2,House,3,84.5,,Nora,nora",
        "Plot 3,House,3,84.5,,,nora@example.com",
        "Plot 4,House,3,84.5,,Al\u202Eice,al@example.com",
        "Plot 5,House,3,84.5,,Bo,bo@example.com",
        "Plot 5,House,4,84.5,,Bo,BO@example.com",
        "Plot 6,House,3,84.5,,,,more",
      ].join("\n"),
    ),
  ).toEqual([
    "2: The number of bedrooms is a whole number from 0 to 50.",
    "2: The handover is a day such as 2026-11-21, or empty.",
    "3: This is no e-mail address, such as “name@example.com”.",
    "4: Give the homeowner’s name.",
    "5: This holds U+202E, which cannot be seen. Please type it without.",
    "7: “Plot 5” stands above with another kind, size or handover.",
    "7: This e-mail address stands above for “Plot 5” already.",
    "8: The row has more cells than the first line has columns.",
  ]);
});

test("a list without its columns, without rows or with too many is refused", () => {
  expect(faultsOf("unit,unit\nPlot 1,2")).toEqual([
    "1: The first line has to name the columns. Missing: kind, bedrooms, floor area.",
    "1: Two columns are “unit”.",
  ]);
  expect(faultsOf(HEADER)).toEqual([expect.stringContaining("no rows")]);
  expect(faultsOf("")).toEqual([expect.stringContaining("no rows")]);
  expect(faultsOf(`${HEADER}\n"open`)).toEqual(["1: Line 2: a quotation mark is not closed."]);
  expect(faultsOf(`${HEADER}\n${"Plot 1,House,3,80,,,\n".repeat(2_001)}`)).toEqual([
    expect.stringContaining("2,001 rows"),
  ]);
});

test("what is there already is told apart from what would be added", () => {
  const known = [{ label: "Plot 1", homeowners: [{ email: "nora@example.com" }] }];
  expect(planImport(EXAMPLE_CSV, known).plan).toMatchObject({
    newUnits: 1,
    newHomeowners: 1,
    knownUnits: 1,
  });
});
