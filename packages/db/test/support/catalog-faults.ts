import type pg from "pg";
import { FUNCTION_GRANTS, TABLE_GRANTS } from "../../src/grants.ts";
import { otherRelations, type Policy, readCatalog, type Table } from "./catalog.ts";
import { READABLE_BY_ALL, UNIQUE_ACROSS_TENANTS, WITHOUT_TENANT } from "./exceptions.ts";

const OWN_ROW = "(tenant_id = ( SELECT current_tenant.tenant\n   FROM guard.current_tenant))";

const policy = (command: string, using: string | null, check: string | null): Policy => ({
  command,
  permissive: true,
  toPublic: true,
  using,
  check,
});
const TENANT_POLICIES = [policy("*", OWN_ROW, OWN_ROW)];
const READABLE_BY_ALL_POLICIES = [
  policy("a", null, OWN_ROW),
  policy("d", OWN_ROW, null),
  policy("r", "true", null),
  policy("w", OWN_ROW, OWN_ROW),
];

/** Everything in the database that would let one tenant reach another's rows, as sentences. None is right. */
export async function catalogFaults(
  client: pg.Client,
  appRole: string,
  grants: Readonly<Record<string, readonly string[]>> = TABLE_GRANTS,
): Promise<string[]> {
  const tables = await readCatalog(client);
  const faults = (await otherRelations(client)).map((what) => `${what}: not looked into by this test`);
  for (const table of tables) {
    const found = [...tableFaults(table), ...(await grantFaults(client, table, appRole, grants))];
    faults.push(...found.map((fault) => `${table.name}: ${fault}`));
  }
  return [...faults, ...(await functionFaults(client, appRole)), ...(await roleFaults(client, appRole))];
}

function tableFaults(table: Table): string[] {
  const faults = foreignKeysWithoutIndex(table);
  const tenantId = table.columns.find(({ name }) => name === "tenant_id");
  if (!tenantId) {
    if (!(table.name in WITHOUT_TENANT)) faults.push("has no tenant_id and no reason in WITHOUT_TENANT");
    return faults;
  }
  if (tenantId.type !== "uuid") faults.push(`tenant_id is ${tenantId.type}, not uuid`);
  if (!tenantId.required) faults.push("tenant_id may be null");
  if (!table.rowSecurity) faults.push("row-level security is not enabled");
  if (!table.forced) faults.push("row-level security is not forced, so it does not bind the owner");
  const expected = table.name in READABLE_BY_ALL ? READABLE_BY_ALL_POLICIES : TENANT_POLICIES;
  if (JSON.stringify(table.policies) !== JSON.stringify(expected)) {
    faults.push(`policies are ${JSON.stringify(table.policies)}, expected ${JSON.stringify(expected)}`);
  }
  return [...faults, ...keyFaults(table)];
}

function keyFaults(table: Table): string[] {
  const faults: string[] = [];
  const keys = table.constraints.filter(({ kind }) => kind !== "c");
  if (!keys.some(({ kind }) => kind === "p")) faults.push("has no primary key");
  for (const key of keys) {
    const what = `${key.name} (${key.columns.join(", ")})`;
    const begins =
      key.columns[0] === "tenant_id" && (key.kind !== "f" || key.targetColumns[0] === "tenant_id");
    if (begins || key.name in UNIQUE_ACROSS_TENANTS) continue;
    faults.push(`${what} does not begin with tenant_id on both sides`);
  }
  const required = new Set(table.columns.filter((column) => column.required).map(({ name }) => name));
  const rooted = keys.some(({ kind, columns }) => kind === "f" && columns[0] === "tenant_id");
  if (table.name !== "tenants" && !rooted) faults.push("no foreign key leads to its tenant");
  // With "match simple" a null in the key switches the whole key off, tenant_id included.
  const allOptional = keys.every(
    ({ kind, columns }) => kind !== "f" || !columns.every((name) => required.has(name)),
  );
  const hasCheck = table.constraints.some(
    ({ kind, definition }) => kind === "c" && definition.includes("num_nonnulls"),
  );
  if (rooted && allOptional && !hasCheck) faults.push("every foreign key can be switched off by a null");
  return faults;
}

function foreignKeysWithoutIndex(table: Table): string[] {
  return table.constraints
    .filter(({ kind }) => kind === "f")
    .filter(({ columns }) => {
      const begins = (index: string[]) =>
        columns.every((name) => index.slice(0, columns.length).includes(name));
      return !table.indexes.some(begins);
    })
    .map(({ name, columns }) => `no index begins with the columns of ${name} (${columns.join(", ")})`);
}

/** The role's privileges as TABLE_GRANTS writes them: those of columns are of no use to LOCK TABLE. */
async function grantFaults(
  client: pg.Client,
  table: Table,
  appRole: string,
  grants: typeof TABLE_GRANTS,
): Promise<string[]> {
  const { rows } = await client.query<{ privilege: string; whole: boolean; columns: string[] }>(
    `select lower(privilege) as privilege, has_table_privilege($1, rel, privilege) as whole,
            case when privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then array(
              select attname::text from pg_attribute
               where attrelid = rel and attnum > 0 and not attisdropped and has_column_privilege($1, rel, attnum, privilege)
               order by attname) else '{}' end as columns
       from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege,
            (select $2::regclass) as t (rel)`,
    [appRole, `public.${table.name}`],
  );
  const found = rows.flatMap(({ privilege, whole, columns }) => {
    if (whole) return [privilege];
    return columns.length === 0 ? [] : [`${privilege} (${columns.join(", ")})`];
  });
  const wanted = (grants[table.name] ?? []).map(sorted);
  const faults = [
    ...found.filter((privilege) => !wanted.includes(privilege)).map((more) => `${appRole} may ${more}`),
    ...wanted.filter((privilege) => !found.includes(privilege)).map((less) => `${appRole} may not ${less}`),
  ];
  if (!(table.name in grants)) faults.push("is not in TABLE_GRANTS");
  if (table.owner === appRole) faults.push(`is owned by ${appRole}`);
  return faults;
}

/** With the columns in the order of their names. */
function sorted(privilege: string): string {
  return privilege.replace(/\((.*)\)/, (_, columns: string) => `(${columns.split(", ").sort().join(", ")})`);
}

/** What the functions that run as the owner must have, and who may call them. */
async function functionFaults(client: pg.Client, appRole: string): Promise<string[]> {
  const { rows } = await client.query<{ signature: string; safe: boolean; mine: boolean; all: boolean }>(
    `select signature, 'search_path=pg_catalog, pg_temp' = any (proconfig) as safe,
            has_function_privilege($2, p.oid, 'execute') as mine, has_function_privilege('public', p.oid, 'execute') as all
       from unnest($1::text[]) signature left join pg_proc p on p.oid = to_regprocedure('public.' || signature)`,
    [FUNCTION_GRANTS, appRole],
  );
  return rows.flatMap(({ signature, safe, mine, all }) => [
    ...(mine ? [] : [`${signature}: ${appRole} may not call it`]),
    ...(all ? [`${signature}: everybody may call it`] : []),
    ...(safe ? [] : [`${signature}: its search_path is the caller's`]),
  ]);
}

async function roleFaults(client: pg.Client, appRole: string): Promise<string[]> {
  const { rows } = await client.query<{ fault: string }>(
    `select format('%s: %s', $1::text, fault) as fault from (
       select unnest(array[
         case when rolsuper then 'is a superuser' end,
         case when rolbypassrls then 'has BYPASSRLS' end,
         case when rolcreaterole then 'may make roles' end,
         case when rolcreatedb then 'may make databases' end,
         case when has_schema_privilege(oid, 'public', 'create') then 'may create in schema public' end,
         case when has_database_privilege(oid, current_database(), 'create') then 'may create schemas' end]) as fault
         from pg_roles where rolname = $1
       union all
       select format('is a member of %s', role.rolname) from pg_roles role
        where role.rolname <> $1 and pg_has_role($1, role.oid, 'member')
     ) found where fault is not null`,
    [appRole],
  );
  return rows.map(({ fault }) => fault);
}
