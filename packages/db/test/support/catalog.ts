import type pg from "pg";
import { FUNCTION_GRANTS } from "../../src/grants.ts";

export interface Column {
  name: string;
  type: string;
  required: boolean;
  hasDefault: boolean;
  generated: boolean;
}

export interface Constraint {
  name: string;
  kind: "p" | "u" | "f" | "c";
  columns: string[];
  /** Of a foreign key. */
  target: string | null;
  targetColumns: string[];
  definition: string;
}

export interface Policy {
  command: string;
  permissive: boolean;
  toPublic: boolean;
  using: string | null;
  check: string | null;
}

export interface Table {
  name: string;
  owner: string;
  rowSecurity: boolean;
  forced: boolean;
  columns: Column[];
  constraints: Constraint[];
  /** Column names of each whole (not partial) index, in order. */
  indexes: string[][];
  policies: Policy[];
}

/** Every table of the schema "public", as Postgres knows it. */
export async function readCatalog(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(CATALOG);
  return rows;
}

/** Row-level security cannot hold in these: what they show depends on who asks in ways that a policy does not see. */
export async function otherRelations(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(
    `
    select format('%s of kind %s', relname, relkind) as what from pg_class
     where relnamespace = 'public'::regnamespace and relkind not in ('r', 'p', 'i', 'I', 'S', 'c')
    union all
    select format('security definer function %s', proname) from pg_proc
     where pronamespace = 'public'::regnamespace and prosecdef and oid::regprocedure::text <> all ($1)`,
    [FUNCTION_GRANTS.map((signature) => signature.replace(/, /g, ","))],
  );
  return rows.map(({ what }) => what);
}

const names = (relation: string, numbers: string) => `(
  select coalesce(json_agg(attname order by place), '[]') from unnest(${numbers}) with ordinality as key(number, place)
    join pg_attribute on attrelid = ${relation} and attnum = number)`;

const CATALOG = `
select relname as name, pg_get_userbyid(relowner) as owner, relrowsecurity as "rowSecurity", relforcerowsecurity as forced,
  (select json_agg(json_build_object(
      'name', attname, 'type', format_type(atttypid, null), 'required', attnotnull,
      'hasDefault', atthasdef, 'generated', attgenerated <> '') order by attnum)
     from pg_attribute where attrelid = t.oid and attnum > 0 and not attisdropped) as columns,
  (select coalesce(json_agg(json_build_object(
      'name', conname, 'kind', contype, 'columns', ${names("c.conrelid", "conkey")},
      'target', (select relname from pg_class where oid = confrelid),
      'targetColumns', ${names("c.confrelid", "coalesce(confkey, '{}')")},
      'definition', pg_get_constraintdef(c.oid)) order by conname), '[]')
     from pg_constraint c where conrelid = t.oid and contype in ('p', 'u', 'f', 'c')) as constraints,
  (select coalesce(json_agg(${names("indrelid", "indkey::int2[]")}), '[]')
     from pg_index where indrelid = t.oid and indpred is null and indisvalid) as indexes,
  (select coalesce(json_agg(json_build_object(
      'command', polcmd, 'permissive', polpermissive, 'toPublic', polroles = '{0}',
      'using', pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid)) order by polcmd), '[]')
     from pg_policy where polrelid = t.oid) as policies
from pg_class t where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by relname`;
