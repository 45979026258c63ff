import { mayBeSeveral } from "./several-statements.ts";
import { CLOSE, END, OPEN, QUOTED, SEMICOLON, UNREADABLE, WORD } from "./sql-characters.ts";
import { SqlLexer } from "./sql-lexer.ts";

/** What a statement does that neither a scope nor a transaction's work can hold. */
export type Misplacement =
  /** It begins or ends the transaction that it would run in. */
  | "control"
  /** The server runs it outside of transactions only. */
  | "outside"
  /** Rows go over the wire beside it, in a stream. */
  | "copy"
  /** What it opens ends with the transaction. */
  | "cursor";

export interface MisplacedStatement {
  readonly kind: Misplacement;
  /** Its first words, in capitals. */
  readonly words: string;
}

/** By the words that stand outside of parentheses, in lower case; a name in quotes is `""`. The group is what the error calls it. */
const MISPLACED: readonly (readonly [Misplacement, RegExp])[] = [
  ["control", /^(begin|start transaction|commit|end|abort|prepare transaction)\b/],
  ["control", /^(rollback)(?! (work |transaction )?to\b)/],
  ["outside", /^(vacuum|(?:create|drop) (?:database|tablespace)|alter system)\b/],
  ["outside", /^((?:create (?:unique )?|drop )index concurrently)\b/],
  ["outside", /^(reindex)\b.* concurrently\b/],
  ["copy", /^(copy)\b.* (?:stdin|stdout)\b/],
  ["cursor", /^(declare)\b/],
];
/** As many words as the longest of these needs: COPY schema.table TO STDOUT. */
const MOST_WORDS = 12;
/** A function whose body is SQL: its semicolons, and its END, are the body's. */
const HAS_SQL_BODY = /^create (or replace )?(function|procedure)\b/;

/** Queries and changes of rows, and what looks at them: they stay within whatever transaction is open. */
const STAYS = /^(select|insert|update|delete|merge|values|table|with|show|explain)$/;
/** As builders write them: nothing stands in front that would have to be read. */
const STAYS_AT_SIGHT = /^(?:select|insert|update|delete|with)[ \t\n\r]/;

/** Finds the first statement of a text that is out of place within a transaction of ours. What cannot be read is left to the server. */
export function findMisplaced(text: string): MisplacedStatement | undefined {
  const lexer = new SqlLexer(text);
  for (;;) {
    const { words, ended } = readStatement(lexer);
    for (const [kind, pattern] of MISPLACED) {
      const [, name] = pattern.exec(words) ?? [];
      if (name !== undefined) return { kind, words: name.toUpperCase() };
    }
    if (ended || HAS_SQL_BODY.test(words)) return undefined;
  }
}

/**
 * Whether a text's first statement is known to leave the transaction open that it runs in. CALL and DO are not: a procedure
 * may commit, except in a transaction that was begun by BEGIN.
 */
export function staysInTransaction(text: string): boolean {
  if (STAYS_AT_SIGHT.test(text)) return true;
  const lexer = new SqlLexer(text);
  let lexeme = lexer.next();
  while (lexeme === OPEN) lexeme = lexer.next();
  return lexeme === WORD && STAYS.test(lexer.nameOf(lexeme));
}

/** Statements that commit in their midst, or may, where no transaction is open around them. */
const ENDS_TRANSACTION = /\b(commit|end|prepare)\b/i;
const COMMITS = /^(analyze|call|cluster|do|reindex)\b| concurrently\b/;

/**
 * Whether what a text has done may be kept in part although it is cancelled.
 *
 * @param isInTransaction whether a transaction was open in front of it.
 */
export function mayCommitOnItsWay(text: string, isInTransaction: boolean): boolean {
  if (!text.includes(";") && (isInTransaction || STAYS_AT_SIGHT.test(text))) return false;
  const kind = findMisplaced(text)?.kind;
  if (kind === "control" || isInTransaction)
    return kind === "control" && mayBeSeveral(text) && ENDS_TRANSACTION.test(text);
  return kind === "outside" || COMMITS.test(readStatement(new SqlLexer(text)).words);
}

function readStatement(lexer: SqlLexer): { words: string; ended: boolean } {
  const words: string[] = [];
  let depth = 0;
  for (;;) {
    const lexeme = lexer.next();
    if (lexeme === END || lexeme === UNREADABLE) return { words: words.join(" "), ended: true };
    if (lexeme === OPEN) depth++;
    else if (lexeme === CLOSE) depth--;
    else if (lexeme === SEMICOLON && depth <= 0) return { words: words.join(" "), ended: false };
    else if (depth > 0 || words.length === MOST_WORDS) continue;
    else if (lexeme === WORD) words.push(lexer.nameOf(lexeme));
    else if (lexeme === QUOTED) words.push('""');
  }
}
