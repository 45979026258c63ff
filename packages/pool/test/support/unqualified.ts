import {
  CAST,
  CLOSE,
  COMMA,
  DOT,
  END,
  OPEN,
  QUOTED,
  SIGN,
  UNREADABLE,
  VALUE,
  WORD,
} from "../../src/sql/sql-characters.ts";
import { SqlLexer } from "../../src/sql/sql-lexer.ts";
import { SYNTAX, TABLE, TERM, WORDS } from "../../src/sql/sql-words.ts";

/** Schemas that nobody but the server's owner, or the owner of ours, may create in. */
const SCHEMAS: ReadonlySet<string> = new Set(["pg_catalog", "guard"]);
/** Types that the grammar itself takes for the server's; `text`, `bool` and `float8` are looked up like any other name. */
const GRAMMAR_TYPES =
  words(`bigint bit boolean char character dec decimal double float int integer interval nchar numeric real
  smallint time timestamp varchar`);
/** Words that stand for an operator, which the server looks up by the path. JOIN … USING is one of `=`. */
const OPERATOR_WORDS = words("between ilike in like nullif similar using");
/** Signs that are no operators: a subscript, and its bounds. `*` is one where it stands for columns, or for no argument. */
const NO_OPERATORS = "[:";

interface Lexeme {
  readonly kind: number;
  readonly source: string;
  readonly name: string;
}

/**
 * What of a statement the server would look up by the session's search_path: functions, operators, types and tables without a
 * schema in front, as they are written. A schema that comes before pg_catalog, or has an overload that fits better, would be asked.
 */
export function unqualifiedIn(text: string): string[] {
  const lexemes = read(text);
  const queries = namesOfQueries(lexemes);
  const found: string[] = [];
  for (const [at, lexeme] of lexemes.entries()) {
    const { kind, name, source } = lexeme;
    const [before, next] = [lexemes[at - 1], lexemes[at + 1]];
    if (kind === UNREADABLE) return [...found, `what cannot be read: ${source}`];
    if (
      kind === SIGN &&
      !NO_OPERATORS.includes(source) &&
      !isStar(lexeme, before) &&
      !isAssignment(lexemes, at) &&
      !isNamed(lexemes, at)
    )
      found.push(`operator ${source}`);
    if (kind !== WORD && kind !== QUOTED) continue;
    if (before?.kind === DOT) {
      const schema = lexemes[at - 2]?.name ?? "";
      if (next?.kind === OPEN && !SCHEMAS.has(schema)) found.push(`function ${schema}.${name}`);
      continue;
    }
    if (kind === WORD && OPERATOR_WORDS.has(name)) found.push(`operator ${name}`);
    const isQualified = next?.kind === DOT && SCHEMAS.has(name);
    if (before?.kind === CAST && !isQualified && !GRAMMAR_TYPES.has(name)) found.push(`type ${name}`);
    const isQuery = queries.has(name);
    if (isTable(before) && next?.kind !== OPEN && !isQualified && !isQuery && name !== "lateral")
      found.push(`table ${name}`);
    if (next?.kind === OPEN && before?.kind !== CAST && !isQuery && !isSyntax(name, before))
      found.push(`function ${name}`);
  }
  return found;
}

function read(text: string): Lexeme[] {
  const lexer = new SqlLexer(text);
  const lexemes: Lexeme[] = [];
  for (;;) {
    const kind = lexer.next();
    if (kind === END) return lexemes;
    const name = kind === WORD || kind === QUOTED ? lexer.nameOf(kind) : "";
    lexemes.push({ kind, name, source: kind === UNREADABLE ? text.slice(-20) : lexer.source() });
    if (kind === UNREADABLE) return lexemes;
  }
}

/** Names of WITH, and aliases with a list of columns: a parenthesis behind them is no call. */
function namesOfQueries(lexemes: readonly Lexeme[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [at, { kind, name }] of lexemes.entries()) {
    const [before, next] = [lexemes[at - 1], lexemes[at + 1]];
    if (kind !== WORD) continue;
    const begins = before?.name === "with" || before?.kind === COMMA;
    if (before?.name === "as" || (begins && (next?.name === "as" || isColumns(lexemes, at + 1))))
      names.add(name);
  }
  return names;
}

/** Whether a list of names in parentheses comes, and AS behind it. */
function isColumns(lexemes: readonly Lexeme[], from: number): boolean {
  if (lexemes[from]?.kind !== OPEN) return false;
  const end = lexemes.findIndex(({ kind }, at) => at > from && kind !== WORD && kind !== COMMA);
  return lexemes[end]?.kind === CLOSE && lexemes[end + 1]?.name === "as";
}

function isStar({ source }: Lexeme, before: Lexeme | undefined): boolean {
  return (
    source === "*" &&
    (before?.kind === OPEN ||
      before?.kind === DOT ||
      before?.name === "select" ||
      before?.name === "unlisten")
  );
}

/** The sign of `update … set`, behind its first column. */
function isAssignment(lexemes: readonly Lexeme[], at: number): boolean {
  return lexemes[at]?.source === "=" && lexemes[at - 2]?.name === "set";
}

/** `operator(pg_catalog.<=)` says whose it is. */
function isNamed(lexemes: readonly Lexeme[], at: number): boolean {
  let first = at;
  while (lexemes[first - 1]?.kind === SIGN) first--;
  const [operator, open, schema, dot] = lexemes.slice(Math.max(0, first - 4), first);
  return (
    operator?.name === "operator" &&
    open?.kind === OPEN &&
    SCHEMAS.has(schema?.name ?? "") &&
    dot?.kind === DOT
  );
}

function isTable(before: Lexeme | undefined): boolean {
  return (
    before?.name === "from" || before?.name === "join" || before?.name === "into" || before?.name === "update"
  );
}

function isSyntax(name: string, before: Lexeme | undefined): boolean {
  if (name === "in" || name === "operator" || name === "filter" || name === "over" || name === "values")
    return true;
  const isAlias = before?.kind === CLOSE || before?.kind === VALUE;
  return isAlias || ((WORDS.get(name) ?? 0) & (SYNTAX | TERM | TABLE)) !== 0;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}
