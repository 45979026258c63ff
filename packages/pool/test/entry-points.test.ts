import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { PoolClosedError } from "../src/errors/errors.ts";
import { MAJOR_VERSION } from "../src/errors/shared-symbol.ts";
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

test("what copies of the package share goes by the major version that is published", () => {
  expect(manifest.version.split(".")[0]).toBe(String(MAJOR_VERSION));
  expect(Symbol.for(`@openhouse/pool@${MAJOR_VERSION}/error`) in new PoolClosedError("closed")).toBe(true);
});
