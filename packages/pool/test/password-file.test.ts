import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@openhouse/pool-testing";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { readSettings } from "../src/config/env.ts";
import { PoolConfigError } from "../src/errors/errors.ts";
import { Client } from "../src/query/client.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
let file: string;

beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), "openhouse-password-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  file = join(directory, "password");
  writeFileSync(file, "before\n");
});

/** A role whose password stands in the file. */
async function roleWithFile(name: string) {
  const observer = await database.observer();
  await observer.query(`drop role if exists ${name}; create role ${name} login password 'before'`);
  onTestFinished(() => void observer.query(`drop role ${name}`).catch(() => {}));
  const { password: _, ...options } = database.options();
  return {
    options: { ...options, user: name, passwordFile: file },
    change: (password: string) => observer.query(`alter role ${name} password '${password}'`),
  };
}

test("a rotated password: what is open goes on, and what is opened takes the new one", async () => {
  const role = await roleWithFile("rotated");
  const pool = database.pool({ ...role.options, max: 2, min: 1 });
  const old = await pool.connect();
  await role.change("after");
  writeFileSync(file, "after");
  expect(await old.query("select 1 as one")).toMatchObject({ rows: [{ one: 1 }] });
  expect(await pool.query("select 2 as two")).toMatchObject({ rows: [{ two: 2 }] }); // on another connection
  expect(pool.getTotals()).toMatchObject({ created: 2 });
  old.release();
  await pool.end();
});

test("a refused sign-in is remembered until the password has changed, and no longer", async () => {
  const role = await roleWithFile("remembered");
  await role.change("after");
  const pool = database.pool({ ...role.options, max: 2, min: 0 });
  let refused = 0;
  pool.events.on("connectFailed", () => refused++);
  const asked = () =>
    pool.query("select 1").then(
      () => true,
      () => false,
    );
  // The third refusal is remembered for four seconds.
  await waitFor(async () => !(await asked()) && refused >= 3, { what: "three sign-ins", timeoutMs: 15_000 });
  writeFileSync(file, "after\n");
  const startedAt = performance.now();
  await waitFor(asked, { what: "a sign-in with the new password", intervalMs: 50 });
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(refused).toBeLessThan(5);
  await pool.end();
});

test("a file that is gone is a refused sign-in, which says nothing of what was in it", async () => {
  const role = await roleWithFile("gone");
  const pool = database.pool({ ...role.options, min: 0 });
  rmSync(file);
  await expect(pool.query("select 1")).rejects.toThrow("The password file cannot be read (ENOENT)");
  writeFileSync(file, "before");
  await waitFor(
    () =>
      pool.query("select 1").then(
        () => true,
        () => false,
      ),
    { what: "it to be back" },
  );
  await pool.end();
});

describe("DATABASE_PASSWORD_FILE", () => {
  const read = (env: Record<string, string>) =>
    readSettings({ DATABASE_URL: "postgres://app@localhost/app", ...env });
  const faults = (env: Record<string, string>) => {
    try {
      read(env);
      return [];
    } catch (error) {
      if (error instanceof PoolConfigError) return error.faults;
      throw error;
    }
  };

  test("is asked at each sign-in, of whatever client has the options", async () => {
    const role = await roleWithFile("of_a_client");
    const { options } = read({ DATABASE_PASSWORD_FILE: file });
    const signIn = async () => {
      const client = new Client({ ...role.options, password: options.password });
      await client.connect();
      await client.end();
    };
    await signIn();
    await role.change("after");
    await expect(signIn()).rejects.toMatchObject({ code: "28P01" });
    writeFileSync(file, "after");
    await signIn();
  });

  test("beside a password in the URL, empty or missing, is a fault that shows no password", () => {
    const both = { DATABASE_URL: "postgres://app:s3cret@localhost/app", DATABASE_PASSWORD_FILE: file };
    expect(faults(both)).toEqual([
      expect.stringMatching(/^DATABASE_PASSWORD_FILE is set, and DATABASE_URL has a password/),
    ]);
    expect(faults({ DATABASE_PASSWORD_FILE: `${file}.not` })).toEqual([
      expect.stringMatching(/^DATABASE_PASSWORD_FILE: The password file cannot be read \(ENOENT\)/),
    ]);
    writeFileSync(file, "\n");
    expect(faults({ DATABASE_PASSWORD_FILE: file })).toEqual([
      expect.stringMatching(/^DATABASE_PASSWORD_FILE: The password file is empty/),
    ]);
    expect(faults(both).join()).not.toContain("s3cret");
  });
});
