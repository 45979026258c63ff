import { GARBAGE } from "@openhouse/tooling/faults/garbage-settings";
import { startProgram } from "@openhouse/tooling/faults/program";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const PROGRAM = new URL("./support/start.ts", import.meta.url);
const start = (env: Record<string, string>) =>
  startProgram(PROGRAM, [], { DATABASE_URL: database.url(), ...env }).ended();

test("garbage is refused at start, every fault in one error, with variable, value, bounds and an example", async () => {
  const { exitCode, stdout, stderr } = await start(GARBAGE);
  expect(exitCode).toBe(1);
  expect(stdout).toBe(""); // not so much as a pool was made
  expect(stderr).toContain("5 settings are wrong");
  const lineOf = (variable: string) => stderr.split("\n").find((line) => line.includes(`- ${variable} `));
  for (const [variable, value] of Object.entries(GARBAGE)) {
    expect(lineOf(variable)).toContain(value || "empty");
    expect(lineOf(variable)).toMatch(/from \d+ to \d+/);
    expect(lineOf(variable)).toContain(`${variable}=`);
  }
});

test("min above max is refused at start", async () => {
  const { exitCode, stdout, stderr } = await start({ DB_POOL_MAX: "2", DB_POOL_MIN: "3" });
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/DB_POOL_MIN.*3.*DB_POOL_MAX.*2/);
});

test("the same start with the examples that the errors give works", async () => {
  const { stderr } = await start({ DB_POOL_MAX: "abc", DB_POOL_CONN_TIMEOUT_MS: "5s" });
  const examples = Object.fromEntries(
    [...stderr.matchAll(/(DB_\w+)=(\d+)/g)].map(([, name, value]) => [name, value]),
  );
  expect(Object.keys(examples)).toEqual(["DB_POOL_MAX", "DB_POOL_CONN_TIMEOUT_MS"]);
  const { exitCode, stdout } = await start(examples);
  expect(stdout).toContain("connected to test_");
  expect(exitCode).toBe(0);
});
