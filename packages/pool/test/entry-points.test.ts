import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { walkImports } from "./support/imports.ts";

const { "./drizzle": drizzle, ...withoutDrizzle } = manifest.exports;

test.each(Object.entries(withoutDrizzle))("%s works where drizzle-orm is not installed", (_name, entry) => {
  const { files, packages } = walkImports(entry);
  expect(files.filter((file) => file.startsWith("src/drizzle"))).toEqual([]);
  expect(packages.filter((name) => name !== "pg")).toEqual([]);
});

test("./drizzle is what knows Drizzle", () => {
  const { files, packages } = walkImports(drizzle);
  expect(files).toContain("src/drizzle/database.ts");
  expect(packages).toContain("drizzle-orm");
});
