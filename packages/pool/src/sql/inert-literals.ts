import { CAST, END, UNREADABLE, VALUE, WORD } from "./sql-characters.ts";
import { SqlLexer } from "./sql-lexer.ts";
import { WordList } from "./word-list.ts";

/** These mean the same whatever type they are taken for. */
const INERT_TEXTS: ReadonlySet<string> = new Set(["''", "'[]'", "'{}'"]);
/** Types whose input depends on neither the time nor a setting, nor on what a name means. */
const INERT_TYPES = /* @__PURE__ */ new WordList(
  "bigint bool boolean float4 float8 int int2 int4 int8 integer json jsonb numeric real smallint text uuid varchar",
);
/** An interval without a sign is read alike under every IntervalStyle. */
const INERT_INTERVAL = /^'\d{1,9} ?(microsecond|millisecond|second|minute|hour|day|week|month|year)s?'$/i;
const STRING = /^(?:e?'|\$(?!\d))/i;
/** Without one of these there is no string in a text. */
const MAY_HAVE_STRING = /'|\$(?!\d)/;

/**
 * Whether what a text's string literals mean is the same at every execution. A server reads a literal when it parses the
 * statement: 'now' and 'today' stand still in what was prepared, a time without a zone keeps the zone of that moment, a table's
 * name the table. Inert are those of a closed list, and those that are cast to a type of one.
 */
export function hasInertLiterals(text: string): boolean {
  if (!MAY_HAVE_STRING.test(text)) return true;
  const lexer = new SqlLexer(text);
  let before = "";
  let literal: string | undefined;
  let castTo = false;
  for (;;) {
    const lexeme = lexer.next();
    if (lexeme === UNREADABLE) return false;
    const source = lexeme === END ? "" : lexer.source();
    if (castTo) {
      if (!isInertCast(literal ?? "", lexeme === WORD ? lexer.nameOf(WORD) : "")) return false;
      castTo = false;
      literal = undefined;
    } else if (literal !== undefined) {
      if (lexeme === CAST) {
        castTo = true;
        continue;
      }
      if (!INERT_TEXTS.has(literal) && !(before === "interval" && INERT_INTERVAL.test(literal))) return false;
      literal = undefined;
    }
    if (lexeme === END) return true;
    if (lexeme === VALUE && STRING.test(source)) literal = source;
    else before = lexeme === WORD ? lexer.nameOf(WORD) : "";
  }
}

function isInertCast(literal: string, type: string): boolean {
  return INERT_TYPES.has(type) || (type === "interval" && INERT_INTERVAL.test(literal));
}
