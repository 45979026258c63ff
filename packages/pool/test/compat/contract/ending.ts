import { waitFor } from "@openhouse/pool-testing";
import { type Behaviour, called, countsOf, firstClient, messageOf, nextTurn, outcome } from "./context.ts";

export const ending: readonly Behaviour[] = [
  {
    what: "ending and ended, before, during and after; end as a promise resolves with nothing",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      const seen = [[pool.ending, pool.ended]];
      const end = pool.end();
      seen.push([pool.ending, pool.ended]);
      client.release();
      const value = await end;
      return [...seen, [pool.ending, pool.ended], value];
    },
    both: [[false, false], [true, false], [true, true], undefined],
  },
  {
    what: "end with a callback",
    async see(context) {
      const pool = context.pool();
      await pool.query("select 1");
      const values = await called((done) => pool.end(done));
      return [values[0], pool.ended, countsOf(pool)];
    },
    both: [undefined, true, "0 in all, 0 idle, 0 waiting"],
  },
  {
    what: "end of a pool that was never used",
    async see(context) {
      const pool = context.pool();
      await pool.end();
      return pool.ended;
    },
    both: true,
  },
  {
    what: "end twice",
    async see(context) {
      const pool = context.pool();
      await pool.end();
      const [error] = await called((done) => pool.end(done));
      return [await outcome(pool.end()), error === undefined ? undefined : messageOf(error)];
    },
    plain: ["Called end on pool more than once", "Called end on pool more than once"],
    ours: [undefined, undefined],
    why: "The end comes in order, and in time",
  },
  {
    what: "connect and query after the end: promise, callback",
    async see(context) {
      const pool = context.pool();
      await pool.end();
      const [connect] = await called((done) => pool.connect(done as never));
      const [query] = await called((done) => pool.query("select 1", done as never));
      const seen = [await outcome(pool.connect()), await outcome(pool.query("select 1"))];
      return [...seen, messageOf(connect), messageOf(query)];
    },
    plain: Array(4).fill("Cannot use a pool after calling end on the pool"),
    ours: Array(4).fill("Cannot use a pool after calling end on the pool: it takes no new work"),
    why: "Errors have a class and a code",
  },
  {
    what: "when the callback of a connect after the end is called",
    async see(context) {
      const pool = context.pool();
      await pool.end();
      let called = false;
      pool.connect(() => {
        called = true;
      });
      const immediate = called;
      await nextTurn();
      return [immediate, called];
    },
    plain: [true, true],
    ours: [false, true],
    why: "A callback never runs inside the call",
  },
  {
    what: "somebody who waits when the pool is ended, and whose turn comes",
    async see(context) {
      const pool = context.pool({ max: 1, connectionTimeoutMillis: 1_500 });
      const client = await firstClient(pool);
      const waiting = outcome(pool.query("select 1 as one").then(({ rows }) => rows));
      const ended = pool.end();
      client.release();
      await ended;
      return [await waiting, pool.totalCount];
    },
    plain: ["timeout exceeded when trying to connect", 0],
    ours: [[{ one: 1 }], 0],
    why: "The end comes in order, and in time",
  },
  {
    what: "connections on the server once end has resolved",
    async see(context) {
      const application_name = `ending ${context.kind}`;
      const pool = context.pool({ application_name });
      const client = await pool.connect();
      let closed = false;
      client.once("end", () => {
        closed = true;
      });
      client.release();
      await waitFor(() => pool.idleCount === 1, { what: "it to be idle" });
      await pool.end();
      return closed;
    },
    plain: false,
    ours: true,
    why: "The end comes in order, and in time",
  },
];
