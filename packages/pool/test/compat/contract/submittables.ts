import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from, to } from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { type Behaviour, backend, called } from "./context.ts";

const SERIES = "select generate_series(1, 5)::int as n";

export const submittables: readonly Behaviour[] = [
  {
    what: "a pg.Query: its events on a client, its result through the pool",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const client = await pool.connect();
      const query = client.query(new pg.Query<{ n: number }>(SERIES));
      const rows: number[] = [];
      query.on("row", ({ n }) => rows.push(n));
      await once(query, "end");
      client.release();
      const result = await (pool.query(new pg.Query(SERIES) as never) as Promise<unknown>);
      return [rows, (result as pg.QueryResult).rowCount];
    },
    both: [[1, 2, 3, 4, 5], 5],
  },
  {
    what: "a cursor: read in parts, closed before its end, its connection used again",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const client = await pool.connect();
      const cursor = client.query(new Cursor<{ n: number }>(SERIES));
      const parts = [await cursor.read(2), await cursor.read(2)];
      await cursor.close();
      const pid = await backend(client);
      client.release();
      return [parts.map((rows) => rows.map(({ n }) => n)), (await backend(pool)) === pid];
    },
    both: [
      [
        [1, 2],
        [3, 4],
      ],
      true,
    ],
  },
  {
    what: "a query stream: to its end, and given up",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const client = await pool.connect();
      const all: number[] = [];
      for await (const { n } of client.query(new QueryStream(SERIES))) all.push(n);
      const some: number[] = [];
      for await (const { n } of client.query(new QueryStream(SERIES, [], { batchSize: 1 }))) {
        some.push(n);
        if (some.length === 2) break;
      }
      const pid = await backend(client);
      client.release();
      return [all, some, (await backend(pool)) === pid];
    },
    both: [[1, 2, 3, 4, 5], [1, 2], true],
  },
  {
    what: "COPY in and out",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const client = await pool.connect();
      await client.query("create temp table copied (n int)");
      await pipeline(Readable.from(["1\n", "2\n"]), client.query(from("copy copied from stdin")));
      let text = "";
      for await (const chunk of client.query(to("copy copied to stdout"))) text += String(chunk);
      client.release();
      return [text, (await pool.query("select 1 as one")).rows];
    },
    both: ["1\n2\n", [{ one: 1 }]],
  },
  {
    what: "several statements in one text",
    async see(context) {
      const [, results] = await called<[unknown, pg.QueryResult[]]>((done) =>
        context.pool().query("select 1 as one; select 2 as two", done as never),
      );
      return results.map(({ rows }) => rows);
    },
    both: [[{ one: 1 }], [{ two: 2 }]],
  },
];
