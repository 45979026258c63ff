import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { type Behaviour, called, codeOf, messageOf, outcome, record } from "./context.ts";

/** What is seen once there are as many events as that. */
async function settled(seen: unknown[], length: number): Promise<unknown[]> {
  await waitFor(() => seen.length >= length, {
    what: `${length} events, of which came ${JSON.stringify(seen)}`,
  });
  return seen;
}

export const events: readonly Behaviour[] = [
  {
    what: "events of two queries, with the counts at each",
    async see(context) {
      const pool = context.pool();
      const seen = record(pool, { counts: true });
      await pool.query("select 1");
      await pool.query("select 1");
      return seen;
    },
    both: [
      ["connect", "client 1", "1 in all, 0 idle, 0 waiting"],
      ["acquire", "client 1", "1 in all, 0 idle, 0 waiting"],
      ["release", null, "client 1", "1 in all, 0 idle, 0 waiting"],
      ["acquire", "client 1", "1 in all, 0 idle, 0 waiting"],
      ["release", null, "client 1", "1 in all, 0 idle, 0 waiting"],
    ],
  },
  {
    what: "events come before the holder's callback",
    async see(context) {
      const pool = context.pool();
      const seen = record(pool);
      await called((done) =>
        pool.connect((_error, client, release) => {
          seen.push("callback");
          release();
          seen.push("released");
          done(client);
        }),
      );
      return seen;
    },
    both: [
      ["connect", "client 1"],
      ["acquire", "client 1"],
      "callback",
      ["release", undefined, "client 1"],
      "released",
    ],
  },
  {
    what: "events when a waiter is served",
    async see(context) {
      const pool = context.pool({ max: 1 });
      const seen = record(pool, { counts: true });
      const client = await pool.connect();
      const waiting = pool.connect();
      client.release();
      (await waiting).release();
      return seen;
    },
    both: [
      ["connect", "client 1", "1 in all, 0 idle, 0 waiting"],
      ["acquire", "client 1", "1 in all, 0 idle, 0 waiting"],
      ["release", undefined, "client 1", "1 in all, 0 idle, 1 waiting"],
      ["acquire", "client 1", "1 in all, 0 idle, 0 waiting"],
      ["release", undefined, "client 1", "1 in all, 0 idle, 0 waiting"],
    ],
  },
  {
    what: "events of release(true) and release(error)",
    async see(context) {
      const pool = context.pool();
      const seen = record(pool);
      (await pool.connect()).release(true);
      await settled(seen, 4);
      (await pool.connect()).release(new Error("mine"));
      return settled(seen, 8);
    },
    both: [
      ["connect", "client 1"],
      ["acquire", "client 1"],
      ["release", true, "client 1"],
      ["remove", "client 1"],
      ["connect", "client 2"],
      ["acquire", "client 2"],
      ["release", "mine", "client 2"],
      ["remove", "client 2"],
    ],
  },
  {
    what: "events of a statement that failed",
    async see(context) {
      const pool = context.pool();
      const seen = record(pool);
      await outcome(pool.query("select 1/0"));
      await outcome(pool.query("select 1"));
      await pool.end();
      return seen.filter((event) => Array.isArray(event) && event[0] !== "remove");
    },
    plain: [
      ["connect", "client 1"],
      ["acquire", "client 1"],
      ["release", "division by zero", "client 1"],
      ["connect", "client 2"],
      ["acquire", "client 2"],
      ["release", null, "client 2"],
    ],
    ours: [
      ["connect", "client 1"],
      ["acquire", "client 1"],
      ["release", "division by zero", "client 1"],
      ["acquire", "client 1"],
      ["release", null, "client 1"],
    ],
    why: "A statement that failed keeps its connection",
  },
  {
    what: "events when an idle backend is ended",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      client.release();
      await waitFor(() => pool.idleCount === 1, { what: "it to be idle" });
      const seen = record(pool, { counts: true });
      pool.on("error", (error) => seen.push(["client", Reflect.get(error, "client") === client]));
      await context.kill(client);
      return settled(seen, 3);
    },
    both: [
      [
        "error",
        "terminating connection due to administrator command",
        "client 1",
        "0 in all, 0 idle, 0 waiting",
      ],
      ["client", true],
      ["remove", "client 1", "0 in all, 0 idle, 0 waiting"],
    ],
  },
  {
    what: "events when a checked-out backend is ended",
    async see(context) {
      const pool = context.pool();
      const seen = record(pool);
      const client = await pool.connect();
      client.on("error", () => {});
      const gone = new Promise((resolve) => client.once("end", resolve));
      await context.kill(client);
      await gone;
      const refused = await outcome(client.query("select 1"));
      client.release();
      return [refused, await settled(seen, 4)];
    },
    both: [
      "Client has encountered a connection error and is not queryable",
      [
        ["connect", "client 1"],
        ["acquire", "client 1"],
        ["release", undefined, "client 1"],
        ["remove", "client 1"],
      ],
    ],
  },
  {
    what: "events of a connect that failed",
    async see(context) {
      const pool = context.pool({ database: "no_such_database" });
      const seen = record(pool);
      return [await codeOf(pool.connect()), seen];
    },
    both: ["3D000", []],
  },
  {
    what: "events of the end",
    async see(context) {
      const pool = context.pool();
      const clients = [await pool.connect(), await pool.connect()];
      for (const client of clients) client.release();
      await waitFor(() => pool.idleCount === 2, { what: "both to be idle" });
      const seen = record(pool);
      await pool.end();
      return (await settled(seen, 2)).map((event) => (Array.isArray(event) ? event[0] : event));
    },
    both: ["remove", "remove"],
  },
  {
    what: "listeners for 'error' that nobody has added",
    see: async (context) => context.pool().listenerCount("error"),
    both: 0,
  },
  {
    what: "an 'error' that nobody listens to",
    async see(context) {
      const pool = context.pool();
      const client = await pool.connect();
      client.release();
      try {
        pool.emit("error", new Error("lost"), client);
        return "nothing";
      } catch {
        return "thrown";
      }
    },
    plain: "thrown",
    ours: "nothing",
    why: "The process never exits",
  },
  {
    what: "a notification on a checked-out client",
    async see(context) {
      const client = await context.pool().connect();
      await client.query("listen news");
      const heard = called<[pg.Notification]>((done) => client.once("notification", done));
      await context.execute("notify news, 'today'");
      const [{ channel, payload }] = await heard;
      client.release();
      return [channel, payload];
    },
    both: ["news", "today"],
  },
  {
    what: "notices of a checked-out client",
    async see(context) {
      const client = await context.pool().connect();
      const heard = called<[{ message?: string | undefined }]>((done) => client.once("notice", done));
      await client.query("do $$ begin raise notice 'mind the gap'; end $$");
      const [notice] = await heard;
      client.release();
      return messageOf(notice.message);
    },
    both: "mind the gap",
  },
];
