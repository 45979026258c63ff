import fc from "fast-check";

/**
 * Random texts of statements that a server mostly takes, with much in them that leaves something, and much that looks like
 * it. They read the tables and call the functions of session-texts.ts.
 */
type Tokens = readonly string[];

const words = (text: string): Tokens => text.split(" ");
const oneOf = (...texts: string[]) => fc.constantFrom(...texts.map(words));
/** Fills `_` in a pattern of tokens, one after the other. */
const filled = (pattern: string, ...parts: fc.Arbitrary<Tokens>[]): fc.Arbitrary<Tokens> =>
  fc.tuple(...parts).map((filling) => {
    const left = [...filling];
    return words(pattern).flatMap((word) => (word === "_" ? (left.shift() ?? []) : [word]));
  });

const HARMLESS_TERM = oneOf(
  "'B'",
  "'1' :: text",
  "x . a",
  "x . a",
  "( x . a )",
  "( select 'B' )",
  "E'\\''",
  "$q$'$q$",
);
const HARMFUL_TERM = oneOf(
  "set_config ( 'app.tenant_id' , 'B' , false )",
  "pg_catalog . \"set_config\" ( 'app.tenant_id' , 'B' , false )",
  "become ( 'B' )",
  "app . become ( 'B' )",
  "pg_advisory_lock ( 1 ) :: text",
  "treat ( 7::bigint as pg_advisory_lock ) :: text",
  "( 'B'::text ) . become",
  "( array [ 'B' ] ) [ 1 ] . become",
  "x . become",
  "text . become",
  "unnest . become",
  "values ( 'B' )",
  "public . \"values\" ( 'B' )",
  "set ( 'B' )",
  "filter ( 'B' )",
  "over ( 'B' )",
  "by ( 'B' )",
  "insert ( 'B' )",
  "join ( 'B' )",
  "rollup ( 'B' )",
  "conflict ( 'B' ) :: text",
  "not materialized ( 'B' )",
);

const { term } = fc.letrec<{ term: Tokens }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    { weight: 24, arbitrary: HARMLESS_TERM },
    { weight: 4, arbitrary: HARMFUL_TERM },
    filled("lower ( _ )", tie("term")),
    filled("( _ )", tie("term")),
    filled("coalesce ( _ , _ )", tie("term"), tie("term")),
    filled("cast ( _ as varchar ( 10 ) )", tie("term")),
    filled("( _ ) :: varchar ( 5 )", tie("term")),
    filled("x . a || _", tie("term")),
    filled("_ || _", tie("term"), tie("term")),
    filled("case when _ = _ then _ else _ end", tie("term"), tie("term"), tie("term"), tie("term")),
    filled("( _ is distinct from _ ) :: text", tie("term"), tie("term")),
    filled("substring ( _ from _ )", tie("term"), tie("term")),
    filled("count ( * ) filter ( where _ = 'B' ) :: text", tie("term")),
    filled("count ( * ) over ( order by _ ) :: text", tie("term")),
    filled("array_to_string ( array ( select _ from t ) , '' )", tie("term")),
    filled("( select _ from unnest ( array [ _ ] ) x limit 1 )", tie("term"), tie("term")),
    filled("_ operator ( pg_catalog.|| ) _", tie("term"), tie("term")),
    filled('"t" . "a" operator ( pg_catalog.|| ) _', tie("term")),
  ),
}));

const table = fc.oneof(
  { weight: 8, arbitrary: oneOf("t x", "u x", "v as x", "t as x join u on t_id = x . id") },
  oneOf(
    "t",
    "current_user x",
    "pg_settings x",
    "( t x cross join u )",
    "generate_series ( 1 , 2 ) as g ( n ) , t x",
  ),
  filled("unnest ( array [ _ ] ) x", term),
  filled("unnest ( array [ _ ] )", term),
  filled("unnest ( array [ _ ] ) as x ( a )", term),
  filled("unnest ( array [ _ ] ) with ordinality x ( a , n )", term),
  filled("( select _ as a from t x ) x", term),
  filled("( values ( _ ) ) as x ( a )", term),
  filled("lateral ( select _ as a from t x ) x", term),
  filled("( unnest ( array [ _ ] ) x cross join u )", term),
  filled("rows from ( unnest ( array [ _ ] ) ) x", term),
  filled("coalesce ( _ , '' ) x", term),
  filled("cast ( _ as text )", term),
  filled("t x join u on _ = 'B'", term),
  filled("t join u x on conflict ( _ )", term),
  filled("t join u x using ( id ) , unnest ( array [ _ ] ) y", term),
  oneOf("( select 1 as merge , 2 as insert , 'a' as values , 'b' as a ) x"),
);

const query = fc.oneof(
  filled("select _ from _", term, table),
  filled("select _ , _ from _ where _ = 'B' order by _ limit 3", term, term, table, term, term),
  filled("select distinct on ( _ ) _ from _", term, term, table),
  filled("select distinct on ( values ) _ from ( select 1 as values ) t", term),
  filled("select 1 distinct from _ where _ is not null", table, term),
  filled("select _ from _ group by rollup ( _ )", term, table, term),
  filled("select _ from _ union select _ from _ order by 1", term, table, term, table),
  filled("( select _ ) order by 1 , _", term, term),
  filled("select _ into temp z from _", term, table),
  filled("select merge into temp z from ( select 1 as merge ) n"),
  filled("select insert into temp z from ( select 1 as insert ) n"),
  filled("values ( _ ) , ( _ )", term, term),
  filled("table _", table),
);

const planned = fc.oneof(
  { weight: 12, arbitrary: query },
  filled("with c as ( _ ) _", query, query),
  filled(
    "with recursive c ( a ) as materialized ( _ ) , insert as not materialized ( _ ) _",
    query,
    query,
    query,
  ),
  filled("with c as ( select 1 as n ) ( select 1 ) order by 1 , _", term),
  filled(
    "with recursive c as ( select 1 as n union select n from c ) cycle n set d using materialized _",
    query,
  ),
  filled(
    "insert into t ( id , a ) values ( 1 , _ ) on conflict ( id ) do update set a = _ returning _",
    term,
    term,
    term,
  ),
  filled("insert into t ( id , a ) select 1 , _ from _ on conflict ( id ) do nothing", term, table),
  filled("insert into t ( id , a ) _", query),
  filled("update t set a = _ where _ = 'B'", term, term),
  filled("update t set a = _ from _ where t . id = 1", term, table),
  filled("update t set ( a , b ) = ( _ , _ )", term, term),
  filled("update pg_settings set setting = '7s' where name = 'lock_timeout'"),
  filled("delete from w using _ where _ = 'B'", table, term),
  filled("merge into t using _ on _ = 'B' when matched then update set a = _", table, term, term),
  filled(
    "merge into t using u s on s . id = t . id when not matched then insert ( id , a ) values ( 9 , _ )",
    term,
  ),
);

const statement = fc.oneof(
  { weight: 8, arbitrary: planned },
  filled("explain analyze _", planned),
  filled("explain ( analyze , costs off ) _", planned),
  oneOf(
    "begin",
    "commit",
    "rollback",
    "savepoint a",
    "set local app.tenant_id = 'B'",
    "set local . tenant_id = 'B'",
    "set transaction . tenant_id = 'B'",
    "set constraints all deferred",
    "set app.tenant_id = 'B'",
    "set session lock_timeout = 7",
    "set local lock_timeout = 7",
    "prepare z as select 1",
    "declare z cursor with hold for select 1",
    "listen z",
    "create temp table z as select 1",
    "explain analyze create temp table z as select 1",
    "show all",
    "",
  ),
);

/** What may stand between tokens, or change them. */
const space = fc.constantFrom(
  ...Array(9).fill(" "),
  "\n",
  "/**/",
  "/* ' /* */ \" */",
  " -- '\n",
  "--\r",
  "\t",
);
const QUOTABLE =
  /^(a|app|array_to_string|become|conflict|generate_series|local|lower|pg_[a-z_]+|public|set_config|t|u|unnest|x)$/;
const asWritten = fc.constantFrom<(token: string) => string>(
  ...Array(8).fill((token: string) => token),
  (token) => token.toUpperCase(),
  (token) => (QUOTABLE.test(token) ? `"${token}"` : token),
);
const changed = fc.constantFrom<(tokens: readonly string[], at: number) => readonly string[]>(
  ...Array(9).fill((tokens: readonly string[]) => tokens),
  (tokens, at) => tokens.filter((_token, n) => n !== at),
  (tokens, at) => tokens.flatMap((token, n) => (n === at ? [token, token] : [token])),
  (tokens, at) => tokens.map((token, n) => (n === at ? (tokens[n + 1] ?? "") : token)),
);

const spelt = fc
  .record({
    statements: fc.array(statement, { minLength: 1, maxLength: 2 }),
    change: changed,
    at: fc.nat(60),
    spaces: fc.array(space, { minLength: 7, maxLength: 7 }),
    spellings: fc.array(asWritten, { minLength: 5, maxLength: 5 }),
  })
  .map(({ statements, change, at, spaces, spellings }) => {
    const tokens = statements.flatMap((each, n) => (n === 0 ? each : [";", ...each]));
    return change(tokens, at % tokens.length)
      .map((token, n) => `${n % 3 === 0 ? (spellings[n % 5]?.(token) ?? "") : token}${spaces[n % 7]}`)
      .join("");
  });

export const randomText: fc.Arbitrary<string> = spelt;
