import { FUNCTION_COLUMNS, isSafeFunction } from "./safe-functions.ts";
import { DOT, END, QUOTED, WORD } from "./sql-characters.ts";
import { SqlLexer } from "./sql-lexer.ts";

const NO_COLUMNS: ReadonlySet<string> = new Set();

/**
 * The functions that stand in FROM in a text, by their own names and their aliases. What is read of one and is no column of
 * it calls a function of that name with what the first one gives (manual, 8.16.5): `select x.f from unnest(…) as x` is
 * `f(x)`. Tables and queries give rows, which no harmful function takes.
 */
export class TableFunctions {
  readonly #columnsOf = new Map<string, ReadonlySet<string>>();
  #aliasComes = false;
  /** Of the alias that was read last, if its list of columns may come, or is being read. */
  #columns: Set<string> | undefined;
  columnsCome = false;

  add(name: string): void {
    this.#columnsOf.set(name, NO_COLUMNS);
  }

  /** The parenthesis behind one was closed. */
  close(): void {
    this.#aliasComes = true;
  }

  /** Looks for an alias in what is read next. */
  read(lexeme: number, name: string): void {
    this.columnsCome = false;
    if (!this.#aliasComes || (lexeme === WORD && name === "as")) return;
    this.#aliasComes = false;
    if (lexeme !== WORD && lexeme !== QUOTED) return;
    // Of two under one name it is not known whose columns are read.
    this.columnsCome = !this.#columnsOf.has(name);
    this.#columns = this.columnsCome ? new Set() : undefined;
    this.#columnsOf.set(name, this.#columns ?? NO_COLUMNS);
  }

  addColumn(name: string): void {
    this.#columns?.add(name);
  }

  /** Whether all that the text reads of them are columns, or harmless functions. */
  areReadByColumn(text: string): boolean {
    if (this.#columnsOf.size === 0) return true;
    const lexer = new SqlLexer(text);
    let columns: ReadonlySet<string> | undefined;
    let last = END;
    for (let lexeme = lexer.next(); lexeme !== END; lexeme = lexer.next()) {
      if (lexeme === WORD || lexeme === QUOTED) {
        const name = lexer.nameOf(lexeme);
        if (last === DOT && columns !== undefined && !isKnown(name, columns)) return false;
        columns = this.#columnsOf.get(name);
      } else if (lexeme !== DOT) {
        columns = undefined;
      }
      last = lexeme;
    }
    return true;
  }
}

function isKnown(name: string, columns: ReadonlySet<string>): boolean {
  return columns.has(name) || FUNCTION_COLUMNS.has(name) || isSafeFunction(name);
}
