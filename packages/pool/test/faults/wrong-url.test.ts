import { startProgram } from "@openhouse/tooling/faults/program";
import { PASSWORD, URLS } from "@openhouse/tooling/faults/wrong-url";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const PROGRAM = new URL("./support/start.ts", import.meta.url);
const start = (url: string) => startProgram(PROGRAM, [], url === "" ? {} : { DATABASE_URL: url }).ended();

test.each(URLS)(
  "a DATABASE_URL %s is refused at start, and says how to write it",
  async (_what, url, says) => {
    const { exitCode, stdout, stderr } = await start(url);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("PoolConfigError");
    expect(stderr).toContain("DATABASE_URL");
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain(PASSWORD);
  },
);

test("a password with # and / works where it is written as the error says", async () => {
  const observer = await database.observer();
  const name = "row_17_app";
  await observer.query(`drop role if exists ${name}; create role ${name} login password 'a#b/c'`);
  const url = new URL(database.url());
  url.username = name;
  const encoded = url.href.replace(/\/\/[^@]*@/, `//${name}:a%23b%2Fc@`);
  const { exitCode, stdout } = await start(encoded);
  expect(stdout).toContain(`connected to ${url.pathname.slice(1)}`);
  expect(exitCode).toBe(0);
  await observer.query(`drop role ${name}`);
});
