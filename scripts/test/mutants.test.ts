import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mutate, readMutants } from "../support/mutants/mutant.ts";

const MUTANT = {
  row: 2,
  name: "the slot is kept",
  file: "src/a.ts",
  search: "release();",
  replace: "$& // not",
  test: "a.test.ts",
};

/** A checkout with one source, one test and these mutants. */
function checkout(mutants: readonly object[], source = "take();\nrelease();\n"): string {
  const root = mkdtempSync(join(tmpdir(), "openhouse-mutants-test-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write(MUTANT.file, source);
  write(MUTANT.test, "");
  write("packages/pool/test/faults/mutants-1.json", JSON.stringify(mutants));
  return root;
}

test("mutants are read in the order of the rows", () => {
  const earlier = { ...MUTANT, row: 1 };
  expect(readMutants(checkout([MUTANT, earlier]))).toEqual([earlier, MUTANT]);
});

test("a replacement is taken literally", () => {
  expect(mutate("take();\nrelease();\n", MUTANT)).toBe("take();\n$& // not\n");
});

test("every mutant that no longer fits the source is named", () => {
  const gone = { ...MUTANT, name: "gone", search: "no such text" };
  const elsewhere = { ...MUTANT, name: "elsewhere", file: "src/b.ts" };
  const idle = { ...MUTANT, name: "idle", replace: MUTANT.search };
  const { replace: _, ...halved } = MUTANT;
  const read = () => readMutants(checkout([gone, elsewhere, idle, halved, MUTANT]));
  expect(read).toThrow(/row 2, gone.*occurs 0 times in src\/a\.ts/);
  expect(read).toThrow(/row 2, elsewhere.*src\/b\.ts is not there/);
  expect(read).toThrow(/row 2, idle.*replaced by itself/);
  expect(read).toThrow(/entry 4: must have row, name/);
});

test("a text that occurs twice does not say which of the two", () => {
  expect(() => readMutants(checkout([MUTANT], "release();\nrelease();\n"))).toThrow(/occurs 2 times/);
});
