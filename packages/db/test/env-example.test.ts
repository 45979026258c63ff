import { readFileSync } from "node:fs";
import { readSettings } from "@openhouse/pool";
import { parse } from "dotenv";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const example = read(".env.example");
const url = "postgres://me:secret@localhost/app";

test(".env.example, as it is, means the defaults", () => {
  expect(readSettings({ ...parse(example), DATABASE_URL: url })).toEqual(readSettings({ DATABASE_URL: url }));
});

test("the manual's settings and .env.example name the same variables", () => {
  const inExample = [...example.matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
  const [, settings = ""] = read("docs/PHASE_20_1.md").split(/^## Settings$|^### By environment$/m);
  const firstCells = settings.split("\n").flatMap((line) => line.match(/^\| ([^|]+) \|/)?.[1] ?? []);
  const inManual = firstCells.flatMap((cell) =>
    [...cell.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name),
  );
  expect(inManual.sort()).toEqual(inExample.sort());
});
