import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../src/query/client.ts";
import { FUNCTION_COLUMNS, SAFE_FUNCTIONS, VOLATILE_SAFE_FUNCTIONS } from "../src/sql/safe-functions.ts";
import { leavesNothing } from "../src/sql/session-effect.ts";
import { ENDS_FROM, SYNTAX, TABLE, TERM, WORDS } from "../src/sql/sql-words.ts";
import { useDatabase } from "./support/pools.ts";
import { randomText } from "./support/random-statements.ts";
import { sessionState } from "./support/session-state.ts";
import { HARMLESS, SCHEMA } from "./support/session-texts.ts";

const database = useDatabase();

beforeAll(async () => {
  const client = await database.observer();
  await client.query(SCHEMA);
});

describe("the server that these tests run on", () => {
  let client: Client;
  beforeEach(async () => {
    client = await database.observer();
  });
  const namesOf = async (text: string) => {
    const { rows } = await client.query<{ name: string }>(text, [[...SAFE_FUNCTIONS]]);
    return rows.map(({ name }) => name).sort();
  };
  const PROCEDURES = "from pg_proc p where pronamespace = 'pg_catalog'::regnamespace and proname = any ($1)";

  test("has every function of the list", async () => {
    expect(await namesOf(`select distinct proname as name ${PROCEDURES}`)).toEqual(
      [...SAFE_FUNCTIONS].sort(),
    );
  });

  test("calls those of them volatile that were chosen all the same, and no other", async () => {
    const names = await namesOf(`select distinct proname as name ${PROCEDURES} and provolatile = 'v'`);
    expect(names).toEqual([...VOLATILE_SAFE_FUNCTIONS].sort());
  });

  test("gives the columns that are taken for a function's own, to functions of the list", async () => {
    const names = await namesOf(`select distinct unnest(proargnames) as name ${PROCEDURES}`);
    expect(names).toEqual(expect.arrayContaining([...FUNCTION_COLUMNS]));
  });

  test("has one view that sets where it is written to", async () => {
    const names = await namesOf(
      `select distinct tablename as name from pg_rules
        where schemaname in ('pg_catalog', 'information_schema') and $1::text[] is not null`,
    );
    expect(names).toEqual(["pg_settings"]);
  });

  test("has no volatile function that would read like the column of a table, but two that need more than a row", async () => {
    const names = await namesOf(
      `select proname as name from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and provolatile = 'v' and $1::text[] is not null
          and pronargs - pronargdefaults <= 1 and proargtypes[0]::regtype::text in
              ('record', '"any"', 'anyelement', 'anynonarray', 'anycompatible', 'anycompatiblenonarray')`,
    );
    expect(names).toEqual(["pg_restore_attribute_stats", "pg_restore_relation_stats"]);
  });

  test("reserves the key words that are no call", async () => {
    const { rows } = await client.query<{ word: string; kind: string }>(
      "select word, catcode::text as kind from pg_get_keywords()",
    );
    const kinds = new Map(rows.map(({ word, kind }) => [word, kind]));
    for (const [word, meaning] of WORDS) {
      if (meaning & (SYNTAX | TERM | TABLE))
        expect([word, kinds.get(word)]).toEqual([word, expect.stringMatching(/[RC]/)]);
      if (meaning & ENDS_FROM) expect([word, kinds.get(word)]).toEqual([word, "R"]);
    }
  });
});

describe("after a text that is said to leave nothing", () => {
  test.each(Object.entries(HARMLESS))("the session is as it was: %s", async (_what, texts) => {
    const client = await database.observer();
    const before = await sessionState(client);
    for (const text of texts) {
      await client.query(text);
      await client.query("commit");
      expect([text, await sessionState(client)]).toEqual([text, before]);
    }
  });
});

/** EFFECT_RUNS: how many. EFFECT_SEED: as a failure has printed it, to see it again. */
const { EFFECT_RUNS = "400", EFFECT_SEED } = process.env;
const RUNS = Number(EFFECT_RUNS);
/** The longest that one may take on average on a machine that is busy, and all of them at least, in milliseconds. */
const RUN_MS = 200;
const LEAST_MS = 60_000;

test(`a random text that is said to leave nothing leaves nothing (${RUNS} texts)`, {
  timeout: Math.max(LEAST_MS, RUNS * RUN_MS),
}, async () => {
  const client = await database.observer();
  const before = await sessionState(client);
  let harmless = 0;
  let harmful = 0;
  const property = fc.asyncProperty(randomText, async (text) => {
    const isHarmless = leavesNothing(text);
    const hasRun = await client.query(text).then(
      () => true,
      () => false,
    );
    await client.query("commit"); // which is a warning where the text has ended its transaction
    const after = await sessionState(client);
    const isChanged = JSON.stringify(after) !== JSON.stringify(before);
    if (isChanged) await client.query("discard all");
    if (isHarmless) expect([text, after]).toEqual([text, before]);
    harmless += Number(isHarmless && hasRun);
    harmful += Number(isChanged);
  });
  await fc.assert(property, {
    numRuns: RUNS,
    ...(EFFECT_SEED !== undefined && { seed: Number(EFFECT_SEED) }),
  });
  // It says something only while many of the texts run, and many leave something: a tenth and a sixth of them do.
  expect(Math.min(harmless, harmful)).toBeGreaterThan(RUNS / 50);
});
