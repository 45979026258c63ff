import { createHmac } from "node:crypto";
import type { SigningSettings } from "../../src/signing.ts";

export interface Attack {
  /** SQL: whose rows the attacker may see, and is to see nobody else's. */
  readonly own: string;
  /** Another tenant. */
  readonly victim: string;
  /** SQL: what a session may be told to become the victim. */
  readonly disguise: string;
}

/** One statement, or several that follow each other wherever that is possible. */
type Statements = string | readonly string[];

/** The process of no backend. */
const ANOTHER_BACKEND = 1;
const LONG_AGO = 1_000_000_000;
const FAR_AHEAD = 4_000_000_000;

/** The ways to say that one is the victim. Each of the tokens has a flaw that the database has to see. */
export const DISGUISES: Record<string, (victim: string, signing: SigningSettings) => string> = {
  "the victim's id": (victim) => `'${victim}'`,
  "the attacker's own token with the victim's id": (victim) =>
    `overlay(current_setting('app.tenant', true) placing '${victim}' from 1 for 36)`,
  "the victim's token of another connection": (victim, signing) =>
    `'${signed(signing, victim, ANOTHER_BACKEND, FAR_AHEAD)}'`,
  "the victim's token of long ago": (victim, signing) => `'${signed(signing, victim, "*", LONG_AGO)}'`,
};

function signed(
  { signingKey }: SigningSettings,
  tenantId: string,
  backend: string | number,
  expiry: number,
): string {
  const body = `${tenantId}.${backend}.${expiry}`;
  return `${body}.${createHmac("sha256", signingKey).update(body).digest("hex")}`;
}

const COLUMNS = `tenant_id as "tenantId", id, name`;
/** Bounded, as a table that everybody writes to grows. */
const SOME = `select ${COLUMNS} from developments limit 20`;
const become = ({ disguise }: Attack, locally = true) => `set_config('app.tenant', ${disguise}, ${locally})`;

/** What would be left behind, or lead to others' rows, by name. What it takes for an error is the server's to say. */
export const HOSTILE_STATEMENTS: Record<string, (attack: Attack) => Statements> = {
  // What is left in a session.
  "temporary table": () => "create temp table if not exists report as select * from developments limit 20",
  "reading the temporary table": () => `select ${COLUMNS} from report`,
  "temporary table in the way": () => "select * into temp developments from public.developments limit 20",
  "temporary view in the way": ({ own }) =>
    `create temp view report as select ${own}::uuid as tenant_id, null::uuid as id, 'of a view' as name`,
  "temporary function": (attack) => [
    `create function pg_temp.thief() returns text language sql as $$ select ${become(attack, false)} $$`,
    "select pg_temp.thief()",
    SOME,
  ],
  "temporary sequence": () => ["create temp sequence loot", "select nextval('loot')"],
  "holdable cursor": () =>
    `declare loot cursor with hold for select ${COLUMNS} from developments order by id limit 20`,
  "reading the cursor": () => "fetch 5 from loot",
  "cursor of a transaction": () => [
    `declare loot cursor for ${SOME}`,
    "fetch 3 from loot",
    "move 1 in loot",
    "commit",
    "fetch 3 from loot",
  ],
  "prepared statement": ({ own }) =>
    `prepare loot as select ${own}::uuid as "tenantId", null::uuid as id, 'of a text' as name`,
  "prepared statement, and an error": ({ own }) =>
    `prepare loot as select ${own}::uuid as "tenantId", null::uuid as id, 'of a text' as name; select 1 / 0`,
  "running the prepared statement": () => "execute loot",
  "forgetting prepared statements": () => "deallocate all",
  "advisory lock": () => "select pg_advisory_lock_shared(7)",
  "advisory lock, and an error": () => "select pg_advisory_lock_shared(7), 1 / (random() * 0)::int",
  "letting go of advisory locks": () => "select pg_advisory_unlock_all()",
  listening: () => "listen loot",
  notifying: () => ["notify loot, 'all of it'", "select pg_notify('loot', 'all of it')"],
  "large object": () => "select lo_open(lo_creat(-1), 131072), loread(0, 1)",
  "discarding all": () => ["discard all", SOME],
  "discarding plans and temporary tables": () => ["discard plans", "discard temp"],

  // Settings.
  "tenant by SET": ({ victim }) => [`set app.tenant = '${victim}'`, SOME],
  "tenant by SET LOCAL": ({ victim }) => [`set local app.tenant = '${victim}'`, SOME],
  "tenant by a function": (attack) => [`select ${become(attack, false)}`, SOME],
  "tenant by a function, in a transaction": (attack) => [`select ${become(attack)}`, SOME],
  "tenant by an escaped name": ({ disguise }) =>
    `select U&"set\\005fconfig"('app.tenant', ${disguise}, false)`,
  "tenant in what is explained": (attack) => [`explain (analyze) select ${become(attack, false)}`, SOME],
  "tenant in what is copied": (attack) => [`copy (select ${become(attack, false)}) to stdout`, SOME],
  "tenant within a block": (attack) => [`do $$ begin perform ${become(attack, false)}; end $$`, SOME],
  "tenant among several statements": (attack) => [
    `select 1; select ${become(attack, false)}; listen loot; ${SOME}`,
    SOME,
  ],
  "no tenant": () => ["reset app.tenant", SOME],
  "nothing as it was set": () => ["reset all", SOME],
  "own tenant, for the rest of the session": () =>
    "select set_config('app.tenant', current_setting('app.tenant', true), false)",
  "own tenant, within a change of rows": () =>
    `update developments set stage = stage where id = (select id from developments limit 1)
      and set_config('app.tenant', current_setting('app.tenant', true), false) is null`,
  "search path": () => "set search_path to pg_temp, public",
  role: () => "set role none",
  "its own role": () => `select set_config('role', session_user, false)`,
  "the owner's role": () => ["set role openhouse_test_owner", SOME],
  "another session's role": () => ["set session authorization openhouse_test_owner", SOME],
  "row security": () => ["set row_security = off", SOME],
  "a short deadline": () => "set statement_timeout = '1ms'",
  "reading only": () => "set session characteristics as transaction read only",
  "a setting through its view": () =>
    "update pg_settings set setting = 'on' where name = 'default_transaction_read_only'",

  // Others' rows within one statement. What is written is no temporary table's of the same name.
  "tenant within a union": (attack) => `(${SOME}) union all
    select null, null, null where ${become(attack)} is null union all (${SOME})`,
  "tenant within a common table expression": (attack) =>
    `with thief as materialized (select ${become(attack)} as it)
     select d.tenant_id as "tenantId", d.id, d.name from thief, developments d limit 20`,
  "tenant within a lateral join": (attack) =>
    `select s.* from (select ${become(attack)}) as thief, lateral (${SOME}) as s where thief is not null`,
  "tenant within a subquery": (attack) =>
    `select * from (${SOME}) as s where (select ${become(attack)}) is not null union all (${SOME})`,
  "tenant within EXISTS": (attack) =>
    `select * from (${SOME}) as s where exists (select ${become(attack)}) union all (${SOME})`,
  "the victim's rows by name": ({ victim }) =>
    `select ${COLUMNS} from public.developments where tenant_id = '${victim}' limit 20`,
  "copying rows": () => "copy (select tenant_id, id, name from developments limit 20) to stdout",
  "copying a table from nowhere": () => "copy developments from stdin",
  "copying to a program": () => "copy (select 1) to program 'true'",
  "a row for the victim": ({ own, victim }) =>
    `insert into public.developments (tenant_id, name, address, stage) values ('${victim}', 'smuggled', ${own}::text, 'planning')
     returning ${COLUMNS}`,
  "a row for the victim, as the victim": (attack) =>
    `with thief as materialized (select ${become(attack)} as it)
     insert into public.developments (tenant_id, name, address, stage)
     select '${attack.victim}', 'smuggled', ${attack.own}::text, 'planning' from thief returning ${COLUMNS}`,
  "the victim's rows, changed": ({ victim }) =>
    `update public.developments set name = 'stolen' where tenant_id = '${victim}' returning ${COLUMNS}`,
  "the victim's rows, deleted as the victim": (attack) =>
    `delete from public.developments where tenant_id = '${attack.victim}' and ${become(attack)} is not null returning ${COLUMNS}`,

  // Transactions by text.
  "beginning by text": () => ["begin", SOME],
  "committing by text": (attack) => ["COMMIT", SOME, `select ${become(attack, false)}`, SOME],
  "committing by text, and on": () => ["commit and chain", SOME],
  "another transaction in its place": (attack) => `rollback; select ${become(attack, false)}; begin; ${SOME}`,
  "rolling back by text": () => ["ROLLBACK", SOME],
  "to a savepoint": (attack) => [
    "savepoint loot",
    `select ${become(attack)}`,
    "rollback to savepoint loot",
    SOME,
    "release loot",
  ],
  "committing a prepared transaction": () => ["prepare transaction 'loot'", "commit prepared 'loot'"],

  // What only the owner may.
  "taking row security off": () => ["alter table developments disable row level security", SOME],
  "not forcing row security": () => ["alter table developments no force row level security", SOME],
  "another policy": () => ["create policy loot on developments using (true)", SOME],
  "another check": () => [
    "create or replace function guard.tenant() returns uuid language sql as $$ select null::uuid $$",
    SOME,
  ],
  "the key": () => "select ipad from guard.key",
};
