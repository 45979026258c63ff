import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";
import { runChild } from "./support/child.ts";

const database = useDatabase();
const start = (env: Record<string, string>) =>
  runChild("./start.ts", { DATABASE_URL: database.url(), ...env });

test("garbage is refused at start, every fault in one error, with variable, value, bounds and an example", async () => {
  const { code, stdout, stderr } = await start({
    DB_POOL_MAX: "abc",
    DB_POOL_MIN: "-1",
    DB_POOL_CONN_TIMEOUT_MS: "5s",
    DB_POOL_IDLE_MS: "3e9",
    DB_POOL_MAX_WAITING: "",
  });
  expect(code).toBe(1);
  expect(stdout).toBe(""); // not so much as a pool was made
  expect(stderr).toContain("5 settings are wrong");
  const lineOf = (variable: string) => stderr.split("\n").find((line) => line.includes(`- ${variable} `));
  for (const [variable, value] of [
    ["DB_POOL_MAX", "abc"],
    ["DB_POOL_MIN", "-1"],
    ["DB_POOL_CONN_TIMEOUT_MS", "5s"],
    ["DB_POOL_IDLE_MS", "3e9"],
    ["DB_POOL_MAX_WAITING", "empty"],
  ] as const) {
    expect(lineOf(variable)).toContain(value);
    expect(lineOf(variable)).toMatch(/from \d+ to \d+/);
    expect(lineOf(variable)).toContain(`${variable}=`);
  }
});

test("min above max is refused at start", async () => {
  const { code, stdout, stderr } = await start({ DB_POOL_MAX: "2", DB_POOL_MIN: "3" });
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/DB_POOL_MIN.*3.*DB_POOL_MAX.*2/);
});

test("the same start with the examples that the errors give works", async () => {
  const { stderr } = await start({ DB_POOL_MAX: "abc", DB_POOL_CONN_TIMEOUT_MS: "5s" });
  const examples = Object.fromEntries(
    [...stderr.matchAll(/(DB_\w+)=(\d+)/g)].map(([, name, value]) => [name, value]),
  );
  expect(Object.keys(examples)).toEqual(["DB_POOL_MAX", "DB_POOL_CONN_TIMEOUT_MS"]);
  const { code, stdout } = await start(examples);
  expect(stdout).toContain("connected to test_");
  expect(code).toBe(0);
});
