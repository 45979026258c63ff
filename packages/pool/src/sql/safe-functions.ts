import { WordList } from "./word-list.ts";

/**
 * Functions of pg_catalog that leave nothing in the session, whatever they are given: no overload of theirs is volatile, or
 * runs a text as a statement. Not all there are: what everyday statements call. Without a schema in front, a name means
 * what search_path finds, so that an overload which the owner of a schema has added under one of these names passes for it.
 */
const NOT_VOLATILE = `
  abs acos acosh age any_value array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims
  array_position array_positions array_prepend array_remove array_replace array_reverse array_sort array_to_json
  array_to_string array_to_tsvector array_upper ascii asin asinh atan atan2 atanh avg

  bit_and bit_count bit_length bit_or bit_xor bool bool_and bool_or broadcast btrim cardinality casefold cbrt ceil ceiling
  char_length character_length chr col_description concat concat_ws convert convert_from convert_to corr cos cosh cot count
  covar_pop covar_samp crc32 crc32c cume_dist current_database current_schema current_schemas current_setting current_user

  date date_add date_bin date_part date_subtract date_trunc datemultirange daterange decode degrees dense_rank div encode
  enum_first enum_last enum_range erf erfc every exp extract factorial family first_value float4 float8 floor format
  format_type

  gamma gcd generate_series generate_subscripts get_bit get_byte get_current_ts_config has_any_column_privilege
  has_column_privilege has_database_privilege has_function_privilege has_schema_privilege has_sequence_privilege
  has_table_privilege has_type_privilege host hostmask

  inet_client_addr inet_client_port inet_merge inet_same_family inet_server_addr inet_server_port initcap int2 int4
  int4multirange int4range int8 int8multirange int8range isempty isfinite

  json_agg json_agg_strict json_array_element json_array_elements json_array_elements_text json_array_length
  json_build_array json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object
  json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict json_object_keys
  json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_to_tsvector
  json_typeof jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length
  jsonb_build_array jsonb_build_object jsonb_concat jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all
  jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
  jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists
  jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array
  jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
  jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset
  jsonb_to_tsvector jsonb_typeof justify_days justify_hours justify_interval

  lag last_value lcm lead left length lgamma like ln log log10 lower lower_inc lower_inf lpad ltrim make_date make_interval
  make_time make_timestamp make_timestamptz masklen max md5 min min_scale mod mode multirange netmask network normalize
  notlike now nth_value ntile num_nonnulls num_nulls nummultirange numnode numrange

  obj_description octet_length overlaps overlay parse_ident percent_rank percentile_cont percentile_disc pg_backend_pid
  pg_client_encoding pg_column_compression pg_column_size pg_current_snapshot pg_current_xact_id
  pg_current_xact_id_if_assigned pg_encoding_to_char pg_get_constraintdef pg_get_expr pg_get_functiondef
  pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_indexdef pg_get_partkeydef
  pg_get_serial_sequence pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_postmaster_start_time
  pg_size_bytes pg_size_pretty pg_snapshot_xip pg_snapshot_xmax pg_snapshot_xmin pg_table_is_visible pg_type_is_visible
  pg_typeof pg_visible_in_snapshot pg_wal_lsn_diff pg_walfile_name phraseto_tsquery pi plainto_tsquery position pow power

  querytree quote_ident quote_literal quote_nullable radians range_agg range_intersect_agg range_merge rank regexp_count
  regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
  regexp_substr regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace
  reverse right round row_number row_security_active row_to_json rpad rtrim

  scale session_user set_bit set_byte set_masklen setweight sha224 sha256 sha384 sha512 shobj_description sign sin sinh
  split_part sqrt starts_with statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array
  string_to_table strip strpos substr substring sum system_user

  tan tanh text timestamptz timezone to_ascii to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass
  to_regnamespace to_regproc to_regprocedure to_regrole to_regtype to_timestamp to_tsquery to_tsvector
  transaction_timestamp translate trim_array trim_scale trunc ts_delete ts_filter ts_headline ts_lexize ts_parse ts_rank
  ts_rank_cd tsmultirange tsquery_phrase tsrange tstzmultirange tstzrange tsvector_to_array txid_current
  txid_current_if_assigned txid_current_snapshot

  unistr unnest upper upper_inc upper_inf uuid_extract_timestamp uuid_extract_version var_pop var_samp variance version
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
export const SAFE_FUNCTIONS = /* @__PURE__ */ new WordList(`${NOT_VOLATILE} ${VOLATILE}`);

export function isSafeFunction(name: string): boolean {
  return SAFE_FUNCTIONS.has(name);
}
