/** A session of this kind would be asked in the server's place: see {@link SHADOWS}. */
export const HOSTILE_PATH = "-c search_path=early,public,pg_catalog";

/** What a shadow fails with. */
export const WAS_ASKED = "early was asked";

/**
 * A schema that has each function, operator and table of pg_catalog once more, with the same arguments. Whoever calls one of these
 * functions, or reads one of these tables, is told so by an error. What only C can be written for, such as aggregates, is left out.
 */
export const SHADOWS = `
  create schema early;
  create function early.was_asked() returns boolean language plpgsql as $f$ begin raise '${WAS_ASKED}'; end $f$;
  do $do$
  declare each record;
  begin
    for each in select p.oid, proname, prorettype, proretset, pg_get_function_identity_arguments(p.oid) as arguments,
                       pg_get_function_result(p.oid) as result
      from pg_proc p where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
       and not exists (select from unnest(array[prorettype] || proargtypes::oid[]) as type
                        where type::regtype::text in ('internal', 'cstring', 'trigger', 'event_trigger', 'language_handler',
                          'fdw_handler', 'index_am_handler', 'table_am_handler', 'tsm_handler', '"any"', 'anyenum', 'anyrange'))
       and pg_get_function_identity_arguments(p.oid) !~ 'OUT|anymultirange|anycompat'
    loop
      begin
        execute format($f$create function early.%I(%s) returns %s language plpgsql as $b$ begin raise '${WAS_ASKED}: %s'; end $b$ $f$,
                       each.proname, each.arguments, each.result, replace(each.proname, '%', '%%'));
      exception when others then null; -- a name or a type that only the server itself may use
      end;
    end loop;
    for each in select oprname, oprleft::regtype as left_type, oprright::regtype as right_type, proname
      from pg_operator join pg_proc p on p.oid = oprcode where oprleft <> 0
    loop
      begin
        execute format('create operator early.%s (leftarg = %s, rightarg = %s, function = early.%I)',
                       each.oprname, each.left_type, each.right_type, each.proname);
      exception when others then null; -- its function was left out
      end;
    end loop;
    for each in select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind in ('r', 'v') loop
      begin
        execute format('create view early.%I as select * from pg_catalog.%I where early.was_asked()', each.relname, each.relname);
      exception when invalid_table_definition then null; -- a column of no type
      end;
    end loop;
  end $do$;
  create domain early.text as pg_catalog.text check (early.was_asked());
  create domain early.name as pg_catalog.name check (early.was_asked());
  create domain early.bool as pg_catalog.bool check (early.was_asked());
  create domain early.float8 as pg_catalog.float8 check (early.was_asked());
  create domain early.pg_lsn as pg_catalog.pg_lsn check (early.was_asked());
  create domain early.regclass as pg_catalog.regclass check (early.was_asked())`;
