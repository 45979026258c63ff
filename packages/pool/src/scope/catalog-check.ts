import type pg from "pg";

/** What is wrong with a schema whose rows belong to tenants. */
export type CatalogFaultKind =
  | "no_policy"
  | "setting_required"
  | "view_of_its_owner"
  | "definer_search_path"
  | "no_tenant_index"
  | "unknown_exemption";

export interface CatalogFault {
  readonly kind: CatalogFaultKind;
  /** The table, view or function, as `schema.name`. */
  readonly object: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

export interface CatalogCheckOptions {
  /** The column by which rows belong to a tenant, such as `tenant_id`. */
  readonly tenantColumn: string;
  /** Tables, views and functions that are meant to be as they are, as `schema.name`. Functions go without arguments. @default none */
  readonly exempt?: readonly string[];
}

/**
 * Walks the catalog for what lets one tenant reach another's rows, or turns "no rows" into errors: for a test of any schema.
 * What belongs to an extension, or to Postgres, is left out. Nothing is changed.
 *
 * - `no_policy`: a table, partition or foreign table without row-level security, or without a policy.
 * - `setting_required`: a policy that reads a setting by `current_setting(name)`, which fails where the setting is missing.
 * - `view_of_its_owner`: a view without `security_invoker`, whose reader sees what its owner may see; a materialized view.
 * - `definer_search_path`: a SECURITY DEFINER function that looks names up where its caller says.
 * - `no_tenant_index`: a table with the tenant's column, and no whole index that begins with it.
 * - `unknown_exemption`: `exempt` names what is not there.
 *
 * @param client any connection; it needs no right but to read the catalog.
 * @returns the faults in the order of their objects; none where all is right.
 */
export async function findCatalogFaults(
  client: Pick<pg.ClientBase, "query">,
  { tenantColumn, exempt = [] }: CatalogCheckOptions,
): Promise<CatalogFault[]> {
  const { rows } = await client.query<CatalogFault>(FAULTS, [tenantColumn, exempt]);
  return rows;
}

const EQ = "operator(pg_catalog.=)";
const NE = "operator(pg_catalog.<>)";

/** Of a catalog's objects those that are neither the server's nor an extension's. */
const isOwn = (namespace: string, catalog: string, oid: string) => `
  ${namespace} operator(pg_catalog.!~) '^pg_' and ${namespace} ${NE} 'information_schema' and not exists (
    select from pg_catalog.pg_depend
     where classid ${EQ} 'pg_catalog.${catalog}'::pg_catalog.regclass and objid ${EQ} ${oid} and deptype ${EQ} 'e')`;

/** What a policy calls is in its stored tree by the function's oid, however its text is written. */
const READS_REQUIRED_SETTING = `pg_catalog.concat(polqual, polwithcheck) operator(pg_catalog.~)
  pg_catalog.format(':funcid %s\\M', 'pg_catalog.current_setting(pg_catalog.text)'::pg_catalog.regprocedure::pg_catalog.oid)`;

const FAULTS = `
with relation as (
  select c.oid, relkind, relrowsecurity, reloptions, pg_catalog.format('%s.%s', nspname, relname) as object
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid ${EQ} relnamespace
   where relkind ${EQ} any ('{r,p,f,v,m}') and relpersistence ${NE} 't' and ${isOwn("nspname", "pg_class", "c.oid")}
), routine as (
  select prosecdef, proconfig, pg_catalog.to_jsonb(p) operator(pg_catalog.->>) 'prosqlbody' as body, pg_catalog.format('%s.%s', nspname, proname) as object
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid ${EQ} pronamespace
   where ${isOwn("nspname", "pg_proc", "p.oid")}
), fault (kind, object, message) as (
  select 'no_policy', object, case
      when relkind ${EQ} 'f' then 'a foreign table cannot have row-level security; keep it from the roles that tenants use'
      when not relrowsecurity then 'row-level security is off: alter table ... enable row level security'
      else 'there is no policy, so that its owner sees every row and others none: create policy ...' end
    from relation
   where relkind ${EQ} any ('{r,p,f}')
     and not (relrowsecurity and exists (select from pg_catalog.pg_policy where polrelid ${EQ} relation.oid))
  union all
  select 'setting_required', object,
         pg_catalog.format('the policy %s fails with 42704 where its setting is missing: current_setting(name, true)', polname)
    from relation join pg_catalog.pg_policy on polrelid ${EQ} relation.oid where ${READS_REQUIRED_SETTING}
  union all
  select 'view_of_its_owner', object, case
      when relkind ${EQ} 'm' then 'a materialized view holds its owner''s rows and has no row-level security'
      else 'its reader sees what its owner may see: alter view ... set (security_invoker = true)' end
    from relation
   where relkind ${EQ} 'm' or relkind ${EQ} 'v' and not coalesce((
     select option_value::boolean from pg_catalog.pg_options_to_table(reloptions) where option_name ${EQ} 'security_invoker'), false)
  union all
  select 'definer_search_path', object,
         'runs as its owner, and looks names up where its caller says: alter function ... set search_path = pg_catalog, pg_temp'
    from routine
   where prosecdef and body is null
     and not exists (select from pg_catalog.unnest(proconfig) as setting
                      where pg_catalog.starts_with(setting, 'search_path='))
  union all
  select 'no_tenant_index', object, pg_catalog.format('no whole index begins with %s: every query of a tenant reads all rows', $1::pg_catalog.text)
    from relation
    join pg_catalog.pg_attribute on attrelid ${EQ} relation.oid and attname ${EQ} $1 and not attisdropped
   where relkind ${EQ} any ('{r,p}') and not exists (
     select from pg_catalog.pg_index where indrelid ${EQ} relation.oid and indkey[0] ${EQ} attnum and indpred is null and indisvalid)
)
select kind, object, message from fault where object ${NE} all ($2::pg_catalog.text[])
union all
select 'unknown_exemption', name, 'exempt names it, and there is no such table, view or function'
  from pg_catalog.unnest($2::pg_catalog.text[]) as name
 where name ${NE} all (select object from relation union all select object from routine)
order by 2, 1, 3`;
