/** What a key word means to whoever looks for calls. One word may be several of these. */
export const SYNTAX = 1;
/** An expression, or a type with a modifier, whose parenthesis belongs to it. In FROM it would be a function. */
export const TERM = 2;
/** The like, with a FROM of its own inside. */
export const TERM_WITH_FROM = 4;
/** What stands in FROM like a function, and has columns. */
export const TABLE = 8;
/** A function without a parenthesis. */
export const CONSTANT = 16;
/** What a query begins with, behind its WITH. */
export const VERB = 32;
/** Ends a list of tables, and cannot be the name of one. */
export const ENDS_FROM = 64;
/** Means something else behind some words. */
export const AMBIGUOUS = 128;

/**
 * Key words that may stand directly in front of a parenthesis, and a few more (manual, appendix C; grammar, gram.y). A word
 * belongs to these only if no server takes it for the name of a function there: it is reserved, or "cannot be function or
 * type name". TREAT is left out, since it calls a function that its type names.
 */
const MEANINGS: readonly (readonly [number, string])[] = [
  [
    SYNTAX,
    `all and any array as asymmetric between both case distinct else except from having in intersect lateral leading
     limit not offset on only or placing returning select some symmetric then to trailing union using values variadic
     when where`,
  ],
  [
    TERM,
    `bit cast char character coalesce current_time current_timestamp dec decimal exists float greatest grouping interval
     json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_value
     least localtime localtimestamp merge_action nchar normalize nullif numeric position row time timestamp varchar
     xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize`,
  ],
  [TERM | TERM_WITH_FROM, "extract overlay substring trim"],
  [TABLE, "json_table xmltable"],
  [
    CONSTANT,
    `current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
     localtimestamp session_user system_user user`,
  ],
  [VERB, "delete insert merge select table update values"],
  [
    ENDS_FROM,
    "do except fetch group having intersect limit offset order returning select union where window",
  ],
  [AMBIGUOUS, "by distinct from join recursive using"],
];

export const WORDS = /* @__PURE__ */ meaningsByWord();

/** An expression, or the name of a table, ends in front of these; with the word before them they are no call either. */
export const NO_CALL_PAIRS: ReadonlySet<string> = new Set([
  "bit varying",
  "char varying",
  "character varying",
  "group by",
  "group-by cube",
  "group-by rollup",
  "grouping sets",
  "order by",
  "partition by",
  "time zone",
  "update set",
]);

/** Behind these a name has a list of columns, or is a type. */
export const BEFORE_NAMES: ReadonlySet<string> = new Set(["as", "into", "ordinality", "with"]);

/** Behind these begins a table, or a function in the place of one. */
export const BEFORE_TABLES: ReadonlySet<string> = new Set(["from", "join", "lateral", "using"]);

/** A word as it is to be understood behind another one: FROM may begin no list of tables, and WITH RECURSIVE is WITH. */
export function inContext(word: string, before: string, hasOwnFrom: boolean): string {
  switch (word) {
    case "by":
      return before === "group" ? "group-by" : word;
    case "recursive":
      return before === "with" ? "with" : word;
    case "distinct":
      return before === "is" || before === "not" ? "is-distinct" : word;
    case "from":
      return hasOwnFrom || before === "is-distinct" ? "" : word;
    default:
      return word;
  }
}

function meaningsByWord(): ReadonlyMap<string, number> {
  const byWord = new Map<string, number>();
  for (const [meaning, words] of MEANINGS) {
    for (const word of words.split(/\s+/)) byWord.set(word, (byWord.get(word) ?? 0) | meaning);
  }
  return byWord;
}
