import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";
import { runChild } from "./support/child.ts";

const database = useDatabase();
const WRONG_PASSWORD = "wrong-hunter2";
const EMAIL = "ann.private@example.test";
const PHOTO = "ppppp";
let written = { stdout: "", stderr: "" };

beforeAll(async () => {
  const observer = await database.observer();
  await observer.query("create table people (email text primary key, photo text)");
  await observer.query("insert into people values ($1)", [EMAIL]);
  const child = await runChild("./secrets.ts", {}, [database.url(), WRONG_PASSWORD, EMAIL]);
  expect(child).toMatchObject({ code: 0 });
  written = child;
});

const everything = () => written.stdout + written.stderr;
const logged = () =>
  everything()
    .split("\n")
    .filter((line) => line.startsWith('{"time"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("what a process writes when statements fail", () => {
  test("logged errors carry SQLSTATE, constraint and kind", () => {
    const failures = logged().filter(({ event }) => event === "test.request_failed");
    const violation = { kind: "constraint", sqlstate: "23505", constraint: "people_pkey", table: "people" };
    expect(failures).toMatchObject([violation, violation, violation, { kind: "data", sqlstate: "22P02" }]);
  });

  test("neither parameters nor row values are in it, log or dump, and 2 MB of them do not swell it", () => {
    expect(everything()).not.toContain(EMAIL);
    expect(everything()).not.toContain(PHOTO);
    expect(everything().length).toBeLessThan(100_000);
  });

  test("no password is in it, in no dump of pool, client or options", () => {
    const password = decodeURIComponent(new URL(database.url()).password);
    expect(password.length).toBeGreaterThan(5);
    expect(everything()).toContain("totalCount");
    expect(everything()).not.toContain(password);
    expect(everything()).not.toContain(WRONG_PASSWORD);
  });

  test("no cancel secret is in it", () => {
    const [line = "", hex = ""] = /cancel secret (\w+)/.exec(everything()) ?? [];
    const secret = Buffer.from(hex, "hex").toString();
    expect(secret.length).toBeGreaterThan(3);
    expect(everything().replace(line, "")).not.toContain(secret);
  });
});

test("a public response carries a kind, and nothing of the error, host or user", () => {
  const [, body = "{}"] = /^public (.*)$/m.exec(written.stdout) ?? [];
  expect(JSON.parse(body)).toEqual({
    status: "unhealthy",
    latencyMs: expect.any(Number),
    poolStats: { totalCount: expect.any(Number), idleCount: 0, waitingCount: 0 },
    timestamp: expect.any(String),
    error: "auth",
  });
});
