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

test("docs/operating/settings.md and .env.example name the same variables", () => {
  const inExample = [...example.matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
  const [settings = ""] = read("docs/operating/settings.md").split(/^## By environment$/m);
  const firstCells = settings.split("\n").flatMap((line) => line.match(/^\| ([^|]+) \|/)?.[1] ?? []);
  const inDocs = firstCells.flatMap((cell) =>
    [...cell.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name),
  );
  expect(inDocs.sort()).toEqual(inExample.sort());
});
