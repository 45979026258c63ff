import { createNotes } from "@openhouse/tooling/faults/stale-statement";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { StatementNames } from "../src/query/statement-names.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

async function preparedNames(client: { query(text: string): Promise<pg.QueryResult> }): Promise<string[]> {
  const { rows } = await client.query("select name from pg_prepared_statements order by name");
  return rows.map(({ name }) => name);
}

describe("a statement with parameters", () => {
  test("has a name from its second execution on, the same on every connection", async () => {
    const pool = database.pool({ max: 2 });
    const clients = await Promise.all([pool.connect(), pool.connect()]);
    for (const client of clients) await client.query("select $1::int as n", [1]);
    for (const client of clients) await client.query("select $1::int as n", [2]);
    const [first = [], second = []] = await Promise.all(clients.map(preparedNames));
    expect(first).toEqual([expect.stringMatching(/^auto_[\w-]{22}$/)]);
    expect(second).toEqual(first);
    for (const client of clients) client.release();
    expect(pool.getTotals().statements).toEqual({ hits: 1, prepared: 2, evicted: 0, givenUp: 0 });
  });

  test("returns what it returns without a name, in every form", async () => {
    const named = database.pool({ max: 1 });
    const unnamed = database.pool({ max: 1, prepare: "off" });
    const forms: (pg.QueryConfig & { rowMode?: string; rows?: number })[] = [
      { text: "select $1::int as n, null as nothing, now() is not null as bool", values: [1] },
      { text: "select $1::int as n, 2 as n", values: [1], rowMode: "array" as const },
      { text: "select $1::int as n where false", values: [1] },
      {
        text: "select $1::int8 as n",
        values: [1],
        types: { getTypeParser: () => (raw: unknown) => `raw ${raw}` },
      },
      { text: "values ($1::text), ('b')", values: ["a"], rows: 1 },
      { text: "select $1::bytea as bytes", values: [Buffer.from("x")] },
    ];
    for (const form of forms) {
      const expected = await unnamed.query(form);
      for (let again = 0; again < 4; again++) {
        const { rows, fields, command, rowCount } = await named.query(form);
        expect({ rows, fields, command, rowCount }).toEqual({
          rows: expected.rows,
          fields: expected.fields,
          command: expected.command,
          rowCount: expected.rowCount,
        });
      }
    }
    expect(await preparedNames(unnamed)).toEqual([]);
  });

  test("is parsed anew after a session was reset, which forgets every name", async () => {
    const pool = database.pool({ max: 1 });
    for (let again = 0; again < 2; again++) {
      const client = await pool.connect();
      await client.query("set statement_timeout = 4321");
      await client.query("select $1::int as n", [again]);
      client.release();
    }
    expect(await preparedNames(pool)).toEqual([]);
    for (let again = 0; again < 2; again++) await pool.query("select $1::int as n", [3]);
    expect(pool.getTotals().statements).toEqual({ hits: 1, prepared: 2, evicted: 0, givenUp: 1 });
  });

  test("that fails leaves nothing that would be in the way of the next", async () => {
    const pool = database.pool({ max: 1 });
    const broken = () => pool.query("select $1::int / 0 as n, nowhere", [1]);
    for (let again = 0; again < 4; again++) await expect(broken()).rejects.toMatchObject({ code: "42703" });
    const divide = (by: number) => pool.query("select 1 / $1::int as n", [by]);
    for (const by of [1, 0, 1, 0, 1]) {
      if (by === 0) await expect(divide(by)).rejects.toMatchObject({ code: "22012" });
      else expect((await divide(by)).rows).toEqual([{ n: 1 }]);
    }
    expect(pool.getTotals().destroyed).toEqual({});
  });
});

describe("no name of its own", () => {
  test("has a statement without parameters, one that its caller has named, a submittable, or one that is not planned", async () => {
    const pool = database.pool({ max: 1 });
    for (let again = 0; again < 4; again++) {
      await pool.query("select 1");
      await pool.query("select 1", []);
      await pool.query({ name: "mine", text: "select $1::int", values: [1] });
      const client = await pool.connect();
      await new Promise((resolve, reject) => {
        const submittable = new pg.Query({ text: "select $1::int + 1", values: [1] });
        submittable.on("end", resolve);
        submittable.on("error", reject);
        client.query(submittable);
      });
      client.release();
      await pool.query({ text: "show server_version", queryMode: "extended" } as pg.QueryConfig);
    }
    expect(await preparedNames(pool)).toEqual(["mine"]);
    expect(pool.getTotals().statements).toEqual({ hits: 0, prepared: 0, evicted: 0, givenUp: 0 });
  });

  test("has any where names are off", async () => {
    const pool = database.pool({ max: 1, prepare: "off" });
    for (let again = 0; again < 4; again++) await pool.query("select $1::int", [1]);
    expect(await preparedNames(pool)).toEqual([]);
    expect(pool.getTotals().statements.off).toBe("option");
  });
});

describe("what is remembered is bounded", () => {
  test("per connection: the statement that was used least recently is closed on the server", async () => {
    const pool = database.pool({ max: 1 });
    const nth = (n: number) => pool.query(`select ${n} + $1::int as sum`, [0]);
    for (let n = 0; n < 130; n++) {
      await nth(n);
      await nth(n);
      await nth(0); // stays, as it is in use
    }
    expect(await preparedNames(pool)).toHaveLength(100);
    expect(pool.getTotals().statements).toMatchObject({ prepared: 130, evicted: 30 });
    const { hits } = pool.getTotals().statements;
    await nth(0);
    expect(pool.getTotals().statements.hits).toBe(hits + 1);
  });

  test("per pool: a text that is not seen among a thousand others is counted from one again", () => {
    const names = new StatementNames();
    expect(names.nameOf("select $1")).toBeUndefined();
    for (let n = 0; n < 2_000; n++) names.nameOf(`select ${n} + $1`);
    expect(names.nameOf("select $1")).toBeUndefined();
    expect(names.nameOf("select $1")).toBeDefined();
  });

  test("a very long text is not", () => {
    const names = new StatementNames();
    const bulk = `insert into t values ${Array.from({ length: 3_000 }, (_, n) => `($${n + 1})`).join(", ")}`;
    for (let again = 0; again < 3; again++) expect(names.nameOf(bulk)).toBeUndefined();
  });
});

describe("behind a pooler that does not keep names", () => {
  // Such a pooler gives each transaction any server connection: here every statement meets a server that has forgotten.
  async function forgetful(prepare: "auto" | "on") {
    const pool = database.pool({ max: 1, prepare });
    await createNotes(database.ours());
    const ask = async () => {
      const client = await pool.connect();
      await client.query("insert into forgotten values (1)"); // its trigger has the server forget
      const { rows } = await client.query("select $1::int as n", [7]);
      client.release();
      return rows;
    };
    for (let again = 0; again < 40; again++) expect(await ask()).toEqual([{ n: 7 }]);
    return pool.getTotals().statements;
  }

  test("every statement works; left to itself the pool stops giving names, and says why; told to it goes on", async () => {
    const left = await forgetful("auto");
    expect(left.prepared).toBeLessThan(20);
    expect(left.off).toBe("names_lost");
    const told = await forgetful("on");
    expect(told.prepared).toBeGreaterThan(30);
    expect(told.givenUp).toBeGreaterThan(30);
    expect(told.off).toBeUndefined();
  });
});

test.each([{ name: "copying" }, { queryMode: "extended" }, {}])(
  "a COPY without a stream is refused, and its connection goes on, sent with %j",
  async (how) => {
    const pool = database.pool({ max: 1 });
    const pid = async () => (await pool.query("select pg_backend_pid() as pid")).rows;
    await pool.query("create table copied (a int)");
    const before = await pid();
    const copy: pg.QueryConfig = { ...how, text: "copy copied from stdin" };
    await expect(pool.query(copy)).rejects.toMatchObject({ code: "57014" });
    expect(await pid()).toEqual(before);
    await pool.query("drop table copied");
  },
);
