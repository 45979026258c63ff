import pg from "pg";

/** What is never altered: a table with a column of each type, and the types that are ours. Without figures of theirs, plans stay. */
const FIXED = `
  create schema fixed;
  create type fixed.mood as enum ('sad', 'ok', 'happy');
  create domain fixed.positive as int check (value > 0);
  create type fixed.pair as (a int, b text);
  create table fixed.items (
    id int primary key, n int, big bigint, num numeric(12,3), f float8, t text, vc varchar(10), b bool, u uuid unique,
    d date, ts timestamp, tz timestamptz, iv interval, j json, jb jsonb, bytes bytea, ia int[], ta text[],
    m fixed.mood, dom fixed.positive, p fixed.pair, check (n < 1000)
  ) with (autovacuum_enabled = off);
  create table fixed.others (id int primary key, item_id int not null references fixed.items, note text)
    with (autovacuum_enabled = off);
  create sequence fixed.counter;
`;

const ROWS = `
  delete from fixed.others; delete from fixed.items;
  insert into fixed.items values
    (1, 1, 10, 1.5, 0.5, 'a', 'va', true, '6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d31', '2024-02-29', '2024-03-31 02:30',
     '2024-01-01 12:00+00', '1 day 02:03', '{"a": [1]}', '{"a": [1]}', '\\x6162', '{1,2}', '{a,"b c"}', 'ok', 1, '(1,a)'),
    (2, 2, 9007199254740993, -2.125, 'NaN', 'it''s', 'vb', false, '6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d32', '1999-12-31',
     '1999-12-31 23:59:59.123456', '1999-12-31 23:59:59.999+02', '-1 mon', '[]', '[null, 1]', '\\x', '{}', '{NULL}', 'sad', 7, '(2,)'),
    (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
  insert into fixed.others values (1, 1, 'first'), (2, 1, 'second'), (3, 2, null);
  select setval('fixed.counter', 1, false);
`;

/** What programs alter, drop, shadow and make again; with as few files as can be, which take the server longest. */
const CHANGING = `
  drop schema if exists public, tenant_a, tenant_b, tenant_c cascade;
  create schema public; create schema tenant_a; create schema tenant_b;
  create table public.notes (id int primary key, body text not null, n int, at timestamp);
  create table public.prices (id int primary key, v varchar(100));
  create table public.cfg (id int, v varchar(100));
  create table tenant_a.t (id int, v varchar(100));
  create table tenant_b.t (id bigint, more varchar(100), v varchar(100));
  create function public.twice(int) returns int language sql immutable as 'select 2 * $1';
`;

const CHANGING_ROWS = `
  delete from public.notes; delete from public.prices; delete from public.cfg; delete from tenant_a.t; delete from tenant_b.t;
  insert into public.notes values (1, 'one', 1, '2024-01-01 10:00'), (2, 'two', 2, null), (3, 'three', null, '2024-06-01');
  insert into public.prices values (1, 'permanent'), (2, 'other');
  insert into public.cfg values (1, 'public');
  insert into tenant_a.t values (1, 'a');
  insert into tenant_b.t values (1, 'more', 'b');
`;

/** Every table's columns, and its rows as text, in an order that does not depend on where they are stored. */
const CONTENTS = `
  select format('%s.%s', n.nspname, c.relname) as name,
    (select string_agg(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    query_to_xml(format('select x::text as row from %I.%I x order by x::text collate "C"', n.nspname, c.relname), true, true, '')::text as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname in ('public', 'fixed', 'tenant_a', 'tenant_b', 'tenant_c') order by 1`;

/** The tables of one contestant, as they are between programs. */
export class World {
  readonly #admin: pg.Client;

  constructor(options: pg.ClientConfig) {
    this.#admin = new pg.Client(options);
  }

  async open(): Promise<void> {
    await this.#admin.connect();
    const { rows } = await this.#admin.query("select current_database() as name");
    const database = this.#admin.escapeIdentifier(rows[0].name);
    // Two callers take turns: one who waits for a lock of the other's would wait for ever.
    await this.#admin.query(`alter database ${database} set lock_timeout = '40ms'`);
    await this.#admin.query(`alter database ${database} set search_path = tenant_a, public, fixed`);
    await this.#admin.query("set client_min_messages = error");
    await this.#admin.query(FIXED);
    await this.restore(true);
  }

  async restore(schemaChanged: boolean): Promise<void> {
    await this.#admin.query(`${schemaChanged ? CHANGING : ""} ${CHANGING_ROWS} ${ROWS}`);
  }

  async execute(text: string): Promise<void> {
    await this.#admin.query(text);
  }

  async contents(): Promise<unknown> {
    return (await this.#admin.query(CONTENTS)).rows;
  }

  end(): Promise<void> {
    return this.#admin.end();
  }
}
