import { describe, expect, test } from "vitest";
import { SessionRequiredError } from "../../src/errors/errors.ts";
import type { PoolEvents } from "../../src/events.ts";
import { settingsFor } from "../../src/query/local-settings.ts";
import { onlyBoundRoles } from "../../src/tenants.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { usePoolers, WAYS } from "./poolers.ts";

const poolers = usePoolers();
const SETS = "set search_path = pg_catalog";
const NEEDS_SESSION = "select set_config('x.y', '1', false)";

/** Of each call one number, under the same name in two pools that mean different things by it. */
async function askUnderOneName(options: { prepare?: "auto" | "on"; pooler?: "auto" }) {
  const pools = [1, 2].map(() => poolers.pool("transaction", { maxWaiting: 1_000, ...options }));
  const outcomes = await Promise.all(
    Array.from({ length: 800 }, async (_, index) => {
      const which = index % 2;
      const statement = { name: "both", text: `select ${which + 1} as which, $1::int as given` };
      const { rows } = await (pools[which] as (typeof pools)[0]).query(statement, [index]);
      return rows[0]?.which === which + 1 && rows[0]?.given === index ? "right" : "wrong";
    }),
  );
  return outcomes.filter((outcome) => outcome === "wrong").length;
}

describe("a pooler that nobody has told of", () => {
  test.each(WAYS)(
    "is found at the first connection, and counts as one in transaction mode: %s",
    async (way) => {
      const pool = poolers.pool(way, { pooler: "auto" });
      const outcome = await pool.query(SETS).then(
        () => "sent",
        (error) => error.code,
      );
      expect(outcome).toBe(way === "direct" ? "sent" : "SESSION_REQUIRED");
    },
  );

  test("turns names off, which is told once", async () => {
    const pool = poolers.pool("transaction", { pooler: "auto" });
    const told: PoolEvents["namesOff"][0][] = [];
    pool.events.on("namesOff", (fact) => told.push(fact));
    await Promise.all(Array.from({ length: 40 }, () => pool.query("select 1 where $1", [true])));
    expect(told).toEqual([{ losses: 0, reason: "pooler" }]);
    expect(pool.getTotals().statements).toMatchObject({ prepared: 0, off: "pooler" });
  });

  test("leaves names on where they are said to survive", async () => {
    const pool = poolers.pool("transaction", { pooler: "auto", prepare: "on", max: 1 });
    for (let run = 0; run < 4; run++) await pool.query("select 2 where $1", [true]);
    expect(pool.getTotals().statements.off).toBeUndefined();
    expect(pool.getTotals().statements.prepared).toBeGreaterThan(0);
  });

  test("is found by the flight that checks the role, and asked for nothing besides", async () => {
    const asked: string[] = [];
    const check = onlyBoundRoles();
    const pool = poolers.pool("transaction", {
      pooler: "auto",
      check: async (client) => {
        const query = client.query.bind(client) as (...call: unknown[]) => unknown;
        Object.assign(client, {
          query: (...call: unknown[]) => {
            asked.push(String(call[0]));
            return query(...call);
          },
        });
        await check(client).catch(() => {}); // the tests' role is a superuser
      },
    });
    await expect(pool.query(SETS)).rejects.toBeInstanceOf(SessionRequiredError);
    expect(asked.filter((text) => text.includes("pg_backend_pid"))).toHaveLength(1);
  });

  test("is found before a hook sets anything, whose error every caller hears", async () => {
    const pool = poolers.pool("transaction", { pooler: "auto", onConnect: (client) => client.query(SETS) });
    await expect(pool.query("select 1")).rejects.toMatchObject({ code: "SESSION_REQUIRED" });
  });
});

describe("one name for two texts in two processes runs each its own", () => {
  test.each([{}, { prepare: "on" }, { pooler: "auto" }] as const)("with %o", async (options) => {
    expect(await askUnderOneName(options)).toBe(0);
  });
});

test("a batch whose statements stand alone is refused for one that needs a session, and nothing is sent", async () => {
  const pool = poolers.pool("transaction");
  const db = new ScopedPool(() => pool);
  await expect(db.batch(["select 1", NEEDS_SESSION], { atomic: false })).rejects.toMatchObject({
    code: "SESSION_REQUIRED",
  });
  const told: unknown[] = [];
  const settings = settingsFor({ "app.tenant_id": "acme" }, {});
  const telling = new ScopedPool(
    () => pool,
    settings,
    undefined,
    (token) => told.push(token),
  );
  await expect(telling.query(`insert into kept ${NEEDS_SESSION}`)).rejects.toMatchObject({
    code: "SESSION_REQUIRED",
  });
  expect(told).toEqual([]);
});

test("what is refused says what, and what would be right", async () => {
  const pool = poolers.pool("transaction");
  const secret = "select set_config('app.tenant_id', 's3cret', false)";
  const error: Error = await pool.query(secret).then(
    () => new Error("sent"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(SessionRequiredError);
  expect(error.message).toMatch(
    /^set_config\(…, false\) needs a session of its own.*nothing was sent.*DATABASE_URL_DIRECT/,
  );
  expect(error.message).not.toContain("s3cret");
});

test("a function of the schema is run, and its session is not reset on another's connection", async () => {
  const direct = poolers.pool("direct");
  await direct.query("create function own(x int) returns int language sql as 'select x'");
  const pool = poolers.pool("transaction");
  expect((await pool.query("select own(7) as x")).rows).toEqual([{ x: 7 }]);
  const { rows } = await direct.query(
    "select count(*)::int as resets from pg_stat_activity where query like 'reset session%'",
  );
  expect(rows).toEqual([{ resets: 0 }]);
  expect(pool.getStats()).toMatchObject({ idleCount: 1, totalCount: 1 });
});
