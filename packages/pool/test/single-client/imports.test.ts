import { expect, test } from "vitest";
import { walkImports } from "../support/imports.ts";

test("the single client shares settings, errors, telemetry, the queue and what it knows of SQL with the pool, and nothing else", () => {
  const { files, packages } = walkImports("src/single-client/single-client-pool.ts");
  const folders = new Set(files.map((file) => file.split("/").slice(1, -1).join("/")));
  expect([...folders].sort()).toEqual([
    "async",
    "config",
    "errors",
    "queue",
    "single-client",
    "sql",
    "telemetry",
  ]);
  expect(packages).toEqual(["pg"]);
});
