import {
  ALIAS_COLUMNS,
  CALL,
  CALLED,
  IN_BODY,
  IN_WITH,
  INSERT,
  INSERT_COLUMNS,
  isTablePosition,
  JOIN,
  type LastName,
  PROGRESS,
  parenthesisBehind,
  QUERIED,
  ROWS,
  TABLE_FUNCTION,
  TABLES,
  UNKNOWN,
  UNREAD,
  WITH_FROM,
} from "./parenthesis.ts";
import { isSafeFunction } from "./safe-functions.ts";
import { CLOSE, COMMA, DOT, END, OPEN, QUOTED, SEMICOLON, SIGN, UNREADABLE, WORD } from "./sql-characters.ts";
import { SqlLexer } from "./sql-lexer.ts";
import { AMBIGUOUS, BEFORE_TABLES, CONSTANT, ENDS_FROM, inContext, VERB, WORDS } from "./sql-words.ts";
import { StatementStart } from "./statement-start.ts";
import { TableFunctions } from "./table-functions.ts";

/** Deeper nesting is not followed; the server itself gives up at some thousand. */
const MAX_DEPTH = 500;
/** In the place of INSERT and MERGE as main words, behind which INTO names the table that is written to. */
const INTO_FOLLOWS = "into-follows";
/** No function takes a query without a parenthesis of its own: a word in front of one is a key word. */
const QUERY_WORDS: ReadonlySet<string> = new Set(["select", "table", "with"]);
const VALUES_WORDS: ReadonlySet<string> = new Set(["overriding", "values"]);

/** The rest of OPERATOR(pg_catalog.+), which is an operator of the server's whatever the path; two of its characters may begin a comment. */
const OF_SERVER =
  /[ \t\n\r\f\v]*pg_catalog[ \t\n\r\f\v]*\.[ \t\n\r\f\v]*(?:-(?!-)|\/(?!\*)|[+*<>=~!@#%^&|`?])+[ \t\n\r\f\v]*\)/iy;

/** The parentheses around what is being read, from the statement inwards. Nothing here waits: one is enough for all texts. */
const levels = /* @__PURE__ */ new Uint16Array(MAX_DEPTH);

/** Reads a text up to its end, or until something is not known to leave nothing. What that means is in session-effect.ts. */
export class EffectReader {
  readonly #text: string;
  readonly #ownFunctions: ReadonlySet<string>;
  readonly #lexer: SqlLexer;
  readonly #start = new StatementStart();
  readonly #tableFunctions = new TableFunctions();
  #depth = 0;
  /** What was read last; and the word, if it was one without quotes, and behind no dot. */
  #last = END;
  #lastWord = "";
  readonly #lastName: LastName = {
    name: "",
    schema: "",
    parts: 0,
    isWord: false,
    before: END,
    beforeWord: "",
  };
  /** One of these words must come next. */
  #expected: ReadonlySet<string> | undefined;

  constructor(text: string, ownFunctions: ReadonlySet<string>) {
    this.#text = text;
    this.#ownFunctions = ownFunctions;
    this.#lexer = new SqlLexer(text);
  }

  leavesNothing(): boolean {
    levels[0] = UNREAD;
    for (;;) {
      const lexeme = this.#lexer.next();
      const name = lexeme === WORD || lexeme === QUOTED ? this.#lexer.nameOf(lexeme) : "";
      if (!this.#isExpected(lexeme, name)) return false;
      if (lexeme === END) return this.#depth === 0 && this.#tableFunctions.areReadByColumn(this.#text);
      if (!this.#take(lexeme, name)) return false;
    }
  }

  #isExpected(lexeme: number, name: string): boolean {
    if (this.#expected !== undefined) {
      if (lexeme !== WORD || !this.#expected.has(name)) return false;
      this.#expected = undefined;
    }
    if (!this.#start.goesOn(lexeme, name)) return false;
    return this.#depth > 0 || levels[0] !== UNREAD || this.#start.begins(lexeme, name);
  }

  #take(lexeme: number, name: string): boolean {
    const { columnsCome } = this.#tableFunctions;
    this.#tableFunctions.read(lexeme, name);
    switch (lexeme) {
      case UNREADABLE:
        return false;
      case WORD:
      case QUOTED:
        return this.#takeName(lexeme, name);
      case OPEN:
        return this.#open(columnsCome);
      case CLOSE:
        return this.#close();
      case DOT:
        if (this.#last !== WORD && this.#last !== QUOTED) this.#lastName.parts = 0;
        break;
      case SEMICOLON:
        if (this.#depth > 0) return false;
        levels[0] = UNREAD;
        this.#start.explains = false;
        break;
    }
    this.#step(lexeme);
    return true;
  }

  #step(lexeme: number): void {
    this.#last = lexeme;
    this.#lastWord = "";
  }

  #takeName(lexeme: number, name: string): boolean {
    // An UPDATE of this view sets.
    if (name === "pg_settings") return false;
    const before = this.#last;
    const beforeWord = this.#lastWord;
    this.#step(lexeme);
    const lastName = this.#lastName;
    if (before === DOT) {
      // Behind an expression this may be a call: (x).f is f(x).
      if (lastName.parts === 0) return isSafeFunction(name);
      lastName.schema = lastName.name;
      lastName.name = name;
      lastName.parts++;
      return true;
    }
    lastName.name = name;
    lastName.schema = "";
    lastName.parts = 1;
    lastName.isWord = lexeme === WORD;
    lastName.before = before;
    lastName.beforeWord = beforeWord;
    const level = levels[this.#depth] ?? 0;
    if (level & ALIAS_COLUMNS && (before === OPEN || before === COMMA)) this.#tableFunctions.addColumn(name);
    return lexeme === QUOTED || this.#takeWord(name, level);
  }

  #takeWord(word: string, level: number): boolean {
    const { before, beforeWord } = this.#lastName;
    const meaning = WORDS.get(word) ?? 0;
    let now = level;
    this.#lastWord = word;
    if (meaning & AMBIGUOUS) {
      this.#lastWord = inContext(word, beforeWord, (level & WITH_FROM) !== 0);
      if (BEFORE_TABLES.has(this.#lastWord)) now |= word === "join" ? TABLES | JOIN : TABLES;
    }
    if (meaning & ENDS_FROM) now &= ~TABLES;
    if ((level & PROGRESS) !== IN_BODY) now = this.#progress(word, meaning, now);
    levels[this.#depth] = now;
    if (word === "into") return beforeWord === INTO_FOLLOWS;
    return !(meaning & CONSTANT && isTablePosition(before, beforeWord, now));
  }

  /** Looks for the word that says what a statement is, or what is in a parenthesis. */
  #progress(word: string, meaning: number, level: number): number {
    const { before, beforeWord } = this.#lastName;
    if ((level & PROGRESS) === UNREAD) {
      if (this.#depth > 0 && before !== OPEN) return level | IN_BODY;
      if (word === "with") return level | IN_WITH;
      if (this.#start.explains && this.#depth === 0 && !(meaning & VERB)) return level;
    } else {
      const namesQuery = before === COMMA || beforeWord === "with";
      if (!(meaning & VERB) || namesQuery) return level;
    }
    if (word === "insert" || word === "merge") this.#lastWord = INTO_FOLLOWS;
    const what = word === "insert" ? INSERT : word === "select" || word === "table" ? ROWS : 0;
    return (level & ~PROGRESS) | IN_BODY | what;
  }

  #open(columnsCome: boolean): boolean {
    if (this.#lastWord === "operator" && this.#lexer.skip(OF_SERVER)) {
      this.#step(SIGN);
      return true;
    }
    const level = levels[this.#depth] ?? 0;
    let opened = 0;
    const isNamed = this.#last === WORD || this.#last === QUOTED;
    const hasOptions = this.#start.explains && this.#depth === 0 && level === UNREAD;
    if (columnsCome) opened = ALIAS_COLUMNS;
    else if (isNamed && !hasOptions) opened = parenthesisBehind(this.#lastName, level, this.#ownFunctions);
    if (opened === UNKNOWN) {
      if (this.#lastName.name === "operator") return false;
      this.#expected = QUERY_WORDS;
      opened = 0;
    }
    if (opened & TABLE_FUNCTION) this.#tableFunctions.add(this.#lastName.name);
    if (isTablePosition(this.#last, this.#lastWord, level)) opened |= TABLES;
    if (!this.#comesBeforeBody(level, isNamed)) levels[this.#depth] = (level & ~PROGRESS) | IN_BODY;
    if (++this.#depth === MAX_DEPTH) return false;
    levels[this.#depth] = opened;
    this.#step(OPEN);
    return true;
  }

  /** Whether a parenthesis that opens is one of the options of EXPLAIN, or in a list of WITH, and not of what they are for. */
  #comesBeforeBody(level: number, isNamed: boolean): boolean {
    if ((level & PROGRESS) === UNREAD) return this.#start.explains && this.#depth === 0;
    if ((level & PROGRESS) !== IN_WITH || !isNamed || this.#lastName.parts !== 1) return false;
    const { before, beforeWord } = this.#lastName;
    const opensQuery =
      this.#lastWord === "as" ||
      (this.#lastWord === "materialized" && (beforeWord === "as" || beforeWord === "not"));
    return opensQuery || before === COMMA || beforeWord === "with";
  }

  #close(): boolean {
    if (this.#depth === 0) return false;
    const closed = levels[this.#depth--] ?? 0;
    if (closed & TABLE_FUNCTION) this.#tableFunctions.close();
    if (closed & INSERT_COLUMNS) this.#expected = VALUES_WORDS;
    this.#step(closed & ROWS ? QUERIED : closed & CALL ? CALLED : CLOSE);
    return true;
  }
}
