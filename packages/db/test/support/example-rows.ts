import { randomBytes, randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import type { Column, Constraint, Table } from "./catalog.ts";
import { sqlstate } from "./sqlstate.ts";

export type Row = Record<string, unknown>;
/** Runs a statement as one tenant. */
export type Run = (statement: SQL) => Promise<{ rows: Row[]; rowCount: number | null }>;

/** Parents before children. */
function inOrderOfReference(tables: readonly Table[]): Table[] {
  const ordered: Table[] = [];
  const rest = new Set(tables);
  while (rest.size > 0) {
    const ready = [...rest].filter(({ name, constraints }) => {
      const waiting = (target: string) => target !== name && [...rest].some((other) => other.name === target);
      return !constraints.some(({ target }) => target !== null && waiting(target));
    });
    if (ready.length === 0) throw new Error("Tables reference each other in a circle.");
    for (const table of ready) rest.delete(table);
    ordered.push(...ready);
  }
  return ordered;
}

/** Adds a row to every table for one tenant, made up from the catalog; answers them by table. */
export async function addExampleRows(
  run: Run,
  tables: readonly Table[],
  tenantId: string,
): Promise<Map<string, Row>> {
  const made = new Map<string, Row>();
  for (const table of inOrderOfReference(tables)) {
    made.set(table.name, await addExampleRow(run, table, tenantId, made));
  }
  return made;
}

/**
 * Adds one row: required columns and `override` filled in, parents taken from `parents`. Where a check
 * is not content, tries again with one optional reference more.
 */
export async function addExampleRow(
  run: Run,
  table: Table,
  tenantId: string,
  parents: ReadonlyMap<string, Row>,
  override: Row = {},
): Promise<Row> {
  const references = table.constraints.filter(({ kind }) => kind === "f");
  const required = table.columns.filter((column) => column.required && !column.hasDefault);
  const values: Row = Object.fromEntries(required.map((column) => [column.name, valueFor(table, column)]));
  const isRequired = (key: Constraint) => key.columns.every((name) => name in values || name === "tenant_id");
  for (const key of references.filter(isRequired)) Object.assign(values, valuesOf(key, parents));
  Object.assign(values, override, "tenant_id" in override ? {} : { tenant_id: tenantId });

  for (const extra of [{}, ...references.map((key) => valuesOf(key, parents))]) {
    try {
      return await insert(run, table, { ...extra, ...values });
    } catch (error) {
      if (sqlstate(error) !== "23514") throw error;
    }
  }
  throw new Error(`No row for ${table.name} satisfies its checks: teach support/example-rows.ts.`);
}

export function insertStatement(table: Table, values: Row): SQL {
  const columns = sql.join(
    Object.keys(values).map((name) => sql.identifier(name)),
    sql`, `,
  );
  const parameters = sql.join(
    Object.values(values).map((value) => sql`${value}`),
    sql`, `,
  );
  return sql`insert into ${sql.identifier(table.name)} (${columns}) values (${parameters})`;
}

async function insert(run: Run, table: Table, values: Row): Promise<Row> {
  const { rows } = await run(sql`${insertStatement(table, values)} on conflict do nothing returning *`);
  if (rows[0]) return rows[0];
  // A table with one row for each tenant, such as the tenants themselves.
  const own = await run(
    sql`select * from ${sql.identifier(table.name)} where tenant_id = ${values.tenant_id}`,
  );
  if (own.rows[0]) return own.rows[0];
  throw new Error(`No row for ${table.name} could be added.`);
}

function valuesOf(key: Constraint, parents: ReadonlyMap<string, Row>): Row {
  const parent = key.target === null ? undefined : parents.get(key.target);
  return Object.fromEntries(key.columns.map((name, at) => [name, parent?.[key.targetColumns[at] ?? ""]]));
}

function valueFor(table: Table, { name, type }: Column): unknown {
  const listed = table.constraints
    .filter(({ kind, columns }) => kind === "c" && columns.length === 1 && columns[0] === name)
    .map(({ definition }) => /ARRAY\['([^']*)'/.exec(definition)?.[1])
    .find((value) => value !== undefined);
  if (listed !== undefined) return listed;
  if (type === "uuid") return randomUUID();
  if (type === "text" || type === "character varying") return randomBytes(32).toString("hex");
  if (["smallint", "integer", "bigint", "numeric", "double precision", "real"].includes(type)) return 1;
  if (type === "boolean") return true;
  if (type.endsWith("[]")) return "{}";
  if (type === "json" || type === "jsonb") return "{}";
  if (type === "date" || type.startsWith("timestamp")) return "2026-01-01";
  throw new Error(`${table.name}.${name}: teach support/example-rows.ts to make a ${type}.`);
}
