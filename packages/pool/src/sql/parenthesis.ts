import { isSafeFunction } from "./safe-functions.ts";
import { CAST, COMMA, OPEN, QUOTED, VALUE } from "./sql-characters.ts";
import {
  BEFORE_NAMES,
  BEFORE_TABLES,
  NO_CALL_PAIRS,
  SYNTAX,
  TABLE,
  TERM,
  TERM_WITH_FROM,
  WORDS,
} from "./sql-words.ts";

/** What is known of a parenthesis, and of a statement outside of all, in bits. First, how much of it has been read. */
export const PROGRESS = 3;
export const UNREAD = 0;
export const IN_WITH = 1;
export const IN_BODY = 2;
/** What it is, which says what may follow: a call, a query or the like, a call in FROM. */
export const CALL = 4;
export const ROWS = 8;
export const TABLE_FUNCTION = 16;
/** Columns, of INSERT in a MERGE, and of the alias of a call in FROM. */
export const INSERT_COLUMNS = 32;
export const ALIAS_COLUMNS = 64;
/** What is in it: a list of tables; a FROM that begins none; the main word INSERT; a JOIN. */
export const TABLES = 128;
export const WITH_FROM = 256;
export const INSERT = 512;
export const JOIN = 1024;

/** A name's parenthesis that holds neither arguments of a harmless function nor anything else that is known. */
export const UNKNOWN = -1;

/** Beside those of the lexer, what a lexeme was: the end of a call, and of a query. */
export const CALLED = 100;
export const QUERIED = 101;

/** The last name or word, with a schema perhaps, and what was in front of it. */
export interface LastName {
  name: string;
  schema: string;
  /** 0 behind an expression and a dot. */
  parts: number;
  isWord: boolean;
  before: number;
  /** If that was a word without quotes, and in front of no dot. */
  beforeWord: string;
}

/**
 * What a parenthesis directly behind a name is. Two expressions never stand side by side, so that a name behind a finished
 * one is an alias or a key word.
 */
export function parenthesisBehind(last: LastName, level: number, ownFunctions: ReadonlySet<string>): number {
  const { name, parts, isWord, before, beforeWord } = last;
  const isPlainWord = isWord && parts === 1;
  // operator(schema.+) is one, and an expression follows it.
  if (parts === 0 || (isPlainWord && name === "operator")) return UNKNOWN;
  if (parts === 1 && endsExpression(before)) return isPlainWord && name === "filter" ? CALL : 0;
  if (before === CAST || BEFORE_NAMES.has(beforeWord)) return 0;
  if (before === COMMA && (level & PROGRESS) === IN_WITH) return 0;
  const isTable = isTablePosition(before, beforeWord, level);
  const keyWord = isPlainWord ? keyWordParenthesis(name, beforeWord, isTable, level) : undefined;
  if (keyWord !== undefined) return keyWord;
  if (!isHarmless(last, ownFunctions)) return UNKNOWN;
  return isTable ? CALL | TABLE_FUNCTION : CALL;
}

/** Whether what comes next is a table, or a function in the place of one. */
export function isTablePosition(last: number, lastWord: string, level: number): boolean {
  return BEFORE_TABLES.has(lastWord) || ((level & TABLES) !== 0 && (last === COMMA || last === OPEN));
}

function endsExpression(lexeme: number): boolean {
  return lexeme === VALUE || lexeme === QUOTED || lexeme === CALLED || lexeme === QUERIED;
}

function keyWordParenthesis(
  word: string,
  beforeWord: string,
  isTable: boolean,
  level: number,
): number | undefined {
  const meaning = WORDS.get(word) ?? 0;
  if (meaning & SYNTAX) return word === "from" && beforeWord === "rows" ? UNKNOWN : 0;
  if (meaning & TABLE) return ROWS;
  if (meaning & TERM) return isTable ? UNKNOWN : meaning & TERM_WITH_FROM ? WITH_FROM : 0;
  if (NO_CALL_PAIRS.has(`${beforeWord} ${word}`)) return 0;
  if (word === "group" && beforeWord === "within") return CALL;
  if (word === "insert" && beforeWord === "then") return INSERT_COLUMNS;
  // In the condition of a join it would be a call.
  if (word === "conflict" && beforeWord === "on" && level & INSERT && !(level & JOIN)) return 0;
  return undefined;
}

function isHarmless({ name, schema, parts }: LastName, ownFunctions: ReadonlySet<string>): boolean {
  // A dot in a name would make it look like one with a schema.
  if (parts > 2 || name.includes(".") || schema.includes(".")) return false;
  if (parts === 1) return isSafeFunction(name) || ownFunctions.has(name);
  return (schema === "pg_catalog" && isSafeFunction(name)) || ownFunctions.has(`${schema}.${name}`);
}
