import * as orm from "drizzle-orm";
import { is, Table } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { PgDialect } from "drizzle-orm/pg-core";

/** Tables and relations; for Drizzle 1.0 what `defineRelations` has made, or tables alone. */
export type Schema = Record<string, unknown>;

type RelationalConfig<TSchema extends Schema> = ConstructorParameters<typeof NodePgDatabase<TSchema>>[2];

type Described<TSchema extends Schema> = NodePgDatabase<TSchema>["_"];

/**
 * What Drizzle's own `drizzle()` makes of a schema, in the same order of arguments in 0.45 and 1.0; `describe` makes what a database
 * tells of itself.
 */
export function partsOf<TSchema extends Schema>(schema: TSchema) {
  const config =
    "defineRelations" in orm ? { relations: relationsOf(schema, orm.defineRelations) } : { schema };
  const template = drizzle.mock<TSchema>(config);
  const made: unknown = Reflect.get(template, "dialect"); // 1.0 has given it the driver's codecs
  const dialect = made instanceof PgDialect ? made : new PgDialect();
  const { schema: tables, fullSchema, tableNamesMap } = template._;
  if ("relations" in template._) {
    const { relations } = template._;
    const describe = (session: Described<TSchema>["session"]) =>
      ({ relations, session }) as unknown as Described<TSchema>;
    return { dialect, describe, relational: relations as RelationalConfig<TSchema> };
  }
  // Field by field: to spread them takes thirty times as long, for every request.
  const describe = (session: Described<TSchema>["session"]): Described<TSchema> => ({
    schema: tables,
    fullSchema,
    tableNamesMap,
    session,
  });
  const relational = tables === undefined ? undefined : { schema: tables, fullSchema, tableNamesMap };
  return { dialect, describe, relational };
}

/** 1.0 asks for what its `defineRelations` makes; tables without relations are made into that. */
function relationsOf(schema: Schema, defineRelations: unknown): unknown {
  const isMade = Object.values(schema).every((each) => !is(each, Table));
  return isMade || typeof defineRelations !== "function" ? schema : defineRelations(schema);
}
