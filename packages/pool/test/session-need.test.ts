import { beforeAll, describe, expect, test } from "vitest";
import { sessionNeedOf } from "../src/sql/session-need.ts";
import { useDatabase } from "./support/pools.ts";
import { sessionState } from "./support/session-state.ts";
import { HARMFUL, SCHEMA } from "./support/session-texts.ts";

const database = useDatabase();

beforeAll(async () => {
  const client = await database.observer();
  await client.query(SCHEMA);
});

/** What functions of the schema do is trusted: they may be called, and all of these change the session. */
const OF_THE_SCHEMA = new Set(["functions of the schema", "functions that read like columns"]);

test("what is sent although it may leave something leaves nothing in the session of the server", async () => {
  const texts = Object.entries(HARMFUL).flatMap(([what, texts]) => (OF_THE_SCHEMA.has(what) ? [] : texts));
  const sent = texts.filter((text) => sessionNeedOf(text) === undefined);
  expect(sent.length).toBeGreaterThan(50);
  const changed: string[] = [];
  for (const text of sent) {
    const client = await database.observer();
    const before = await sessionState(client);
    await client.query(text).catch(() => {}); // many are refused by the server itself
    await client.query("rollback");
    const after = await sessionState(client);
    if (JSON.stringify(after) !== JSON.stringify(before)) changed.push(text);
    await client.end();
  }
  expect(changed).toEqual([]);
});

describe("what a text needs its session for is told", () => {
  test.each([
    ["SET a.b = 'c'", "SET"],
    ["set local.b = 'c'", "SET"],
    ["select 1; listen news", "LISTEN"],
    ["prepare p as select 1", "PREPARE"],
    ["deallocate all", "DEALLOCATE"],
    ["explain analyze execute p", "EXECUTE"],
    ["(select 1 into temp x)", "a temporary table"],
    ["create temp table x (a int)", "a temporary table"],
    ["create table pg_temp.x (a int)", "a temporary table"],
    ["declare c cursor with hold for select 1", "a cursor WITH HOLD"],
    ["select pg_try_advisory_lock(1)", "pg_try_advisory_lock"],
    ["select set_config('a.b', 'c', false)", "set_config(…, false)"],
    ["select set_config('a.b', $1, $2)", "set_config(…, false)"],
    ["select set_config('a.b', 'c', not true)", "set_config(…, false)"],
    ["select set_config('a.b', set_config('c.d', 'e', false), true)", "set_config(…, false)"],
    ["select set_config('a', ', true)', false)", "set_config(…, false)"],
    ["with x as (update pg_settings set setting = '2') select 1", "SET"],
    ["do $$ begin perform set_config('a.b', 'c', false); end $$", "a DO block that may change the session"],
    ["do 'begin execute ''se'' || ''t a.b = 1''; end'", "a DO block that may change the session"],
    ["do E'begin \\x73et a.b = 1; end'", "a DO block that may change the session"],
    ["grumble", "a statement that is not known"],
    ["select U&\"\\0073et_config\"('a.b', 'c', false)", "a text that cannot be read"],
  ])("%s", (text, need) => {
    expect(sessionNeedOf(text)).toBe(need);
  });
});

test.each([
  "set local statement_timeout = 1",
  "select set_config('a.b', $1, true), set_config('c.d', lower('E'), true)",
  "select pg_advisory_xact_lock(1)",
  "create temporary table x (a int) on commit drop",
  "begin; set local a.b = 'c'; commit",
  "select nextval('s'), app.price_of(1)",
  "create table x (id serial); create index on x (id); insert into x default values",
  "create function f() returns int language plpgsql as $$ begin perform set_config('a.b', 'c', false); end $$",
  "create function f() returns int begin atomic select 1; return 1; end",
  "do $$ begin update t as x set a = 'x' || b; alter table t alter a set not null; end $$",
  "(select price(1)) union (select 2)",
  "declare c cursor for select 1",
  "vacuum t",
  "prepare transaction 'x'",
])("nothing is needed for: %s", (text) => {
  expect(sessionNeedOf(text)).toBeUndefined();
});
