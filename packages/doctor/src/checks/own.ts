/**
 * SQL: of a catalog's relations those that are neither the server's nor an extension's, nor a session's own.
 *
 * @param relation the name that the statement has for pg_class, beside `n` for its pg_namespace.
 */
export const isOwn = (relation: string) => `
  (n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and ${relation}.relpersistence <> 't' and not exists (
    select from pg_depend where classid = 'pg_class'::regclass and objid = ${relation}.oid and deptype = 'e'))`;
