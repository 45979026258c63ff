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

/** Of a catalog's objects those that are neither the server's nor an extension's. */
const isOwn = (namespace: string, catalog: string, oid: string) => `
  ${namespace} !~ '^pg_' and ${namespace} <> 'information_schema' and not exists (
    select from pg_depend where classid = '${catalog}'::regclass and objid = ${oid} and deptype = 'e')`;

/** What a policy calls is in its stored tree by the function's oid, however its text is written. */
const READS_REQUIRED_SETTING = `concat(polqual, polwithcheck) ~ format(':funcid %s\\M', 'current_setting(text)'::regprocedure::oid)`;

const FAULTS = `
with relation as (
  select c.oid, relkind, relrowsecurity, reloptions, format('%s.%s', nspname, relname) as object
    from pg_class c join pg_namespace n on n.oid = relnamespace
   where relkind in ('r', 'p', 'f', 'v', 'm') and relpersistence <> 't' and ${isOwn("nspname", "pg_class", "c.oid")}
), routine as (
  select prosecdef, proconfig, to_jsonb(p) ->> 'prosqlbody' as body, format('%s.%s', nspname, proname) as object
    from pg_proc p join pg_namespace n on n.oid = pronamespace
   where ${isOwn("nspname", "pg_proc", "p.oid")}
), fault (kind, object, message) as (
  select 'no_policy', object, case
      when relkind = 'f' then 'a foreign table cannot have row-level security; keep it from the roles that tenants use'
      when not relrowsecurity then 'row-level security is off: alter table ... enable row level security'
      else 'there is no policy, so that its owner sees every row and others none: create policy ...' end
    from relation
   where relkind in ('r', 'p', 'f')
     and not (relrowsecurity and exists (select from pg_policy where polrelid = relation.oid))
  union all
  select 'setting_required', object,
         format('the policy %s fails with 42704 where its setting is missing: current_setting(name, true)', polname)
    from relation join pg_policy on polrelid = relation.oid where ${READS_REQUIRED_SETTING}
  union all
  select 'view_of_its_owner', object, case
      when relkind = 'm' then 'a materialized view holds its owner''s rows and has no row-level security'
      else 'its reader sees what its owner may see: alter view ... set (security_invoker = true)' end
    from relation
   where relkind = 'm' or relkind = 'v' and not coalesce((
     select option_value::bool from pg_options_to_table(reloptions) where option_name = 'security_invoker'), false)
  union all
  select 'definer_search_path', object,
         'runs as its owner, and looks names up where its caller says: alter function ... set search_path = pg_catalog, pg_temp'
    from routine
   where prosecdef and body is null
     and not exists (select from unnest(proconfig) as setting where setting like 'search_path=%')
  union all
  select 'no_tenant_index', object, format('no whole index begins with %s: every query of a tenant reads all rows', $1::text)
    from relation
    join pg_attribute on attrelid = relation.oid and attname = $1 and not attisdropped
   where relkind in ('r', 'p') and not exists (
     select from pg_index where indrelid = relation.oid and indkey[0] = attnum and indpred is null and indisvalid)
)
select kind, object, message from fault where object <> all ($2::text[])
union all
select 'unknown_exemption', name, 'exempt names it, and there is no such table, view or function'
  from unnest($2::text[]) as name
 where name not in (select object from relation union all select object from routine)
order by 2, 1, 3`;
