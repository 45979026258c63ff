import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { trackedFiles } from "./support/tracked-files.ts";

const read = (path: string) => readFileSync(join(repositoryRoot(), path), "utf8");
const sources = trackedFiles()
  .filter((path) => /^(packages\/[^/]+\/src|apps|tooling)\/.*\.tsx?$/.test(path) && !path.includes("/test/"))
  .map(read);
const DECLARATION = /\btype LogEvent =([^;]+);/g;
const namesIn = (text: string) => [...text.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
const declared = sources.flatMap((text) =>
  [...text.matchAll(DECLARATION)].flatMap(([, union = ""]) => namesIn(union)),
);

test("every log event is <area>.<object>.<what happened>, or <area>.<what happened>, and declared once", () => {
  expect(declared).toContain("db.pool.leak");
  for (const name of declared)
    expect(name).toMatch(/^(db|web|jobs|chat|auth|code|role|session)(\.[a-z]+(_[a-z]+)*){1,2}$/);
  expect(declared).toEqual([...new Set(declared)]);
});

test("docs/operating/monitoring.md has a row for every log event, and no other", () => {
  const [log = ""] = read("docs/operating/monitoring.md")
    .split(/^## /m)
    .filter((part) => part.startsWith("The log\n"));
  const rows = [...log.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual([...declared].sort());
});

test("every log event is logged somewhere", () => {
  const uses = sources.map((text) => text.replace(DECLARATION, ""));
  expect(declared.filter((name) => !uses.some((text) => text.includes(`"${name}"`)))).toEqual([]);
});

test("docs/operating/security-log.md has a row for every event of the security log, and no other", () => {
  const events = sources.flatMap((text) =>
    [...text.matchAll(/\btype SecurityEvent =([^;]+);/g)].flatMap(([, union = ""]) => namesIn(union)),
  );
  expect(events).toContain("auth.sign_in");
  const rows = [...read("docs/operating/security-log.md").matchAll(/^\| `([^`]+\.[^`]+)` \|/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(events.sort());
});

test("docs/operating/health.md has a row for every kind that health tells, and no other", () => {
  const [, union = ""] =
    /\btype HealthKind =([^;]+);/.exec(read("packages/pool/src/health/verdict.ts")) ?? [];
  const rows = [...read("docs/operating/health.md").matchAll(/^\| `([a-z_]+)` \|/gm)];
  expect(namesIn(union)).toContain("event_loop");
  expect(rows.map(([, name]) => name)).toEqual(namesIn(union));
});

test("the runbook has a row for every kind of an error, of health's, and for every code of ours", () => {
  const classify = read("packages/pool/src/errors/classify.ts");
  const unionIn = (text: string, name: string) =>
    namesIn(new RegExp(`\\btype ${name} =([^;]+);`).exec(text)?.[1] ?? "");
  const [, codes = ""] = /\bconst POOL_CODES = {([^}]+)}/.exec(classify) ?? [];
  const words = [
    ...unionIn(classify, "ErrorKind"),
    ...unionIn(read("packages/pool/src/health/verdict.ts"), "HealthKind"),
    ...[...codes.matchAll(/^ {2}([A-Z_]+)\b/gm)].map(([, code = ""]) => code),
  ];
  expect(words).toEqual(expect.arrayContaining(["serialization", "event_loop", "BATCH_TOO_LARGE"]));
  const firsts = [...read("docs/operating/troubleshooting.md").matchAll(/^\| (.+?) \|/gm)].map(
    ([, first = ""]) => first,
  );
  expect(words.filter((word) => !firsts.some((first) => first.includes(`\`${word}\``)))).toEqual([]);
});
