import { WordList } from "./word-list.ts";

/**
 * Functions of pg_catalog that leave nothing in the session, whatever they are given: no overload of theirs is volatile, or
 * runs a text as a statement. Not all there are: what everyday statements call. Without a schema in front, a name means
 * what search_path finds, so that an overload which the owner of a schema has added under one of these names passes for it.
 */
const NOT_VOLATILE = `
  abs acos acosh age any_value array_{agg, append, cat, dims, fill, length, lower, ndims, position, positions,
  prepend, remove, replace, reverse, sort, to_json, to_string, to_tsvector, upper} ascii asin asinh atan atan2 atanh
  avg

  bit_{and, count, length, or, xor} bool bool_and bool_or broadcast btrim cardinality casefold cbrt ceil ceiling
  char_length character_length chr col_description concat concat_ws convert convert_{from, to} corr cos cosh cot count
  covar_{pop, samp} crc32 crc32c cume_dist current_{database, schema, schemas, setting, user}

  date date_{add, bin, part, subtract, trunc} datemultirange daterange decode degrees dense_rank div encode
  enum_{first, last, range} erf erfc every exp extract factorial family first_value float4 float8 floor format
  format_type

  gamma gcd generate_{series, subscripts} get_{bit, byte, current_ts_config} has_{any_column_privilege,
  column_privilege, database_privilege, function_privilege, schema_privilege, sequence_privilege, table_privilege,
  type_privilege} host hostmask

  inet_{client_addr, client_port, merge, same_family, server_addr, server_port} initcap int2 int4 int4multirange
  int4range int8 int8multirange int8range isempty isfinite

  json_array_element jsonb_{concat, exists, exists_all, exists_any, insert, path_exists, path_exists_tz, path_match,
  path_match_tz, path_query, path_query_array, path_query_array_tz, path_query_first, path_query_first_tz,
  path_query_tz, pretty, set, set_lax} json{,b}_{agg, agg_strict, array_elements, array_elements_text, array_length,
  build_array, build_object, each, each_text, extract_path, extract_path_text, object, object_agg, object_agg_strict,
  object_agg_unique, object_agg_unique_strict, object_keys, populate_record, populate_recordset, strip_nulls,
  to_record, to_recordset, to_tsvector, typeof} justify_{days, hours, interval}

  lag last_value lcm lead left length lgamma like ln log log10 lower lower_{inc, inf} lpad ltrim make_{date, interval,
  time, timestamp, timestamptz} masklen max md5 min min_scale mod mode multirange netmask network normalize notlike
  now nth_value ntile num_nonnulls num_nulls nummultirange numnode numrange

  obj_description octet_length overlaps overlay parse_ident percent_rank percentile_{cont, disc} pg_{backend_pid,
  client_encoding, column_compression, column_size, current_snapshot, current_xact_id, current_xact_id_if_assigned,
  encoding_to_char, get_constraintdef, get_expr, get_function_arguments, get_function_identity_arguments,
  get_function_result, get_functiondef, get_indexdef, get_partkeydef, get_serial_sequence, get_triggerdef,
  get_userbyid, get_viewdef, has_role, postmaster_start_time, size_bytes, size_pretty, snapshot_xip, snapshot_xmax,
  snapshot_xmin, table_is_visible, type_is_visible, typeof, visible_in_snapshot, wal_lsn_diff, walfile_name}
  phraseto_tsquery pi plainto_tsquery position pow power

  querytree quote_{ident, literal, nullable} radians range_{agg, intersect_agg, merge} rank regexp_{count, instr,
  like, match, matches, replace, split_to_array, split_to_table, substr} regr_{avgx, avgy, count, intercept, r2,
  slope, sxx, sxy, syy} repeat replace reverse right round row_{number, security_active, to_json} rpad rtrim

  scale session_user set_{bit, byte, masklen} setweight sha224 sha256 sha384 sha512 shobj_description sign sin sinh
  split_part sqrt starts_with statement_timestamp stddev stddev_{pop, samp} string_{agg, to_array, to_table} strip
  strpos substr substring sum system_user

  tan tanh text timestamptz timezone to_{ascii, bin, char, date, hex, json, jsonb, number, oct, regclass,
  regnamespace, regproc, regprocedure, regrole, regtype, timestamp, tsquery, tsvector} transaction_timestamp translate
  trim_array trim_scale trunc ts_{delete, filter, headline, lexize, parse, rank, rank_cd} tsmultirange tsquery_phrase
  tsrange tstzmultirange tstzrange tsvector_to_array txid_current txid_current_{if_assigned, snapshot}

  unistr unnest upper upper_{inc, inf} uuid_extract_{timestamp, version} var_pop var_samp variance version
  websearch_to_tsquery width_bucket xmlagg xpath xpath_exists`;

/**
 * Volatile, and here all the same: what only draws a random value; only looks at the clock, or waits; only looks at the
 * server; ends with the transaction. Not here: nextval and setval, whose sequence the session remembers (though it does for
 * the default of a column too); everything that sets, locks for longer than a transaction, or touches large objects.
 */
const VOLATILE = `
  array_sample array_shuffle gen_random_uuid random random_normal uuidv4 uuidv7

  clock_timestamp pg_sleep pg_sleep_for pg_sleep_until timeofday

  pg_blocking_pids pg_control_checkpoint pg_control_recovery pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_size
  pg_indexes_size pg_is_in_recovery pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_relation_size pg_table_size
  pg_total_relation_size

  pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_notify pg_try_advisory_xact_lock
  pg_try_advisory_xact_lock_shared`;

/** Names of columns that functions of the list give in FROM, where nobody has to name them. */
export const FUNCTION_COLUMNS = /* @__PURE__ */ new WordList(
  "key lexeme positions token tokid value weights",
);

export const VOLATILE_SAFE_FUNCTIONS = /* @__PURE__ */ new WordList(VOLATILE);
export const SAFE_FUNCTIONS = /* @__PURE__ */ new WordList(NOT_VOLATILE, VOLATILE);

export function isSafeFunction(name: string): boolean {
  return SAFE_FUNCTIONS.has(name);
}
