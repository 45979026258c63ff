import { waitFor } from "@openhouse/pool-testing";
import { refusedSignIn } from "@openhouse/tooling/faults/refused-sign-in";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { classifyError } from "../../src/errors/classify.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const CALLERS = 20;

test("the password was changed: callers are told at once, and few sign-ins are made for all of them", async () => {
  const { signIns, ...outcome } = await refusedSignIn(database.ours());
  expect(outcome).toEqual({ told: "28P01", served: true });
  expect(signIns).toBeLessThan(4);
});

/** A role that may sign in until it may not. */
async function revocableRole(name: string) {
  const observer = await database.observer();
  await observer.query(`drop role if exists ${name}; create role ${name} login password 'x'`);
  return {
    options: { ...database.options(), user: name, password: "x" },
    revoke: () => observer.query(`alter role ${name} nologin`),
    grant: () => observer.query(`alter role ${name} login`),
    end: () => observer.query(`drop role ${name}`),
  };
}

describe("while sign-ins are refused", () => {
  test("callers who come together are told together, with what the server has said", async () => {
    const role = await revocableRole("row_24_together");
    await role.revoke();
    const pool = database.pool({ ...role.options, max: 2 });
    const calls = Array.from({ length: CALLERS }, () => pool.query("select 1").catch((error) => error));
    for (const error of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(pg.DatabaseError);
      expect(classifyError(error)).toEqual({
        kind: "auth",
        retry: "never",
        unavailable: true,
        sqlstate: "28000",
      });
    }
    await expect(pool.warmUp()).rejects.toMatchObject({ code: "28000" });
    await role.end();
  });

  test("callers whom the open connections serve are not told", async () => {
    const role = await revocableRole("row_24_round");
    const pool = database.pool({ ...role.options, max: 10 });
    const client = await pool.connect();
    await role.revoke();
    let refused = 0;
    pool.events.on("connectFailed", () => refused++);
    const calls = Array.from({ length: CALLERS }, () => pool.query("select pg_sleep(0.05)"));
    await waitFor(() => refused > 0, { what: "a sign-in to be refused" });
    client.release();
    expect(await Promise.all(calls)).toHaveLength(CALLERS);
    await pool.end();
    await role.end();
  });

  test("one that succeeds ends it, and the pool grows again", async () => {
    const role = await revocableRole("row_24_again");
    await role.revoke();
    const pool = database.pool({ ...role.options, max: 3 });
    await expect(pool.query("select 1")).rejects.toMatchObject({ code: "28000" });
    await role.grant();
    await waitFor(() => backendPid(pool), { what: "the next sign-in" });
    const clients = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
    for (const client of clients) client.release();
    expect(pool.getTotals().created).toBe(3);
    await pool.end();
    await role.end();
  });

  test("a role that may not connect to the database counts as refused, too", async () => {
    const observer = await database.observer();
    const role = await revocableRole("row_24_connect");
    const { rows } = await observer.query<{ name: string }>("select current_database() as name");
    const on = `connect on database ${rows[0]?.name}`;
    await observer.query(`revoke ${on} from public`);
    const pool = database.pool(role.options);
    const error = await pool.query("select 1").catch((caught: unknown) => caught);
    expect(classifyError(error)).toEqual({
      kind: "auth",
      retry: "never",
      unavailable: true,
      sqlstate: "42501",
    });
    await observer.query(`grant ${on} to public`);
    await role.end();
  });
});
