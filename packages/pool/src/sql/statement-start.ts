import { END, OPEN, QUOTED, SEMICOLON, WORD } from "./sql-characters.ts";

/** Queries and changes of rows, which EXPLAIN takes too. */
const PLANNED = /* @__PURE__ */ wordsOf("delete insert merge select table update values with");
const WITHOUT_EFFECT = /* @__PURE__ */ wordsOf("begin release savepoint show");
const UNDECIDED = /* @__PURE__ */ wordsOf("abort commit end rollback set start");
const EXPLAIN_WORDS = /* @__PURE__ */ wordsOf("analyse analyze verbose");
const TRANSACTION_MODES = /* @__PURE__ */ wordsOf("deferrable isolation not read snapshot");
/** What SET LOCAL must not change: whose rights hold, how texts are read, and what does not end with the transaction. */
const NOT_LOCALLY = /* @__PURE__ */ wordsOf(
  "client_encoding names role seed session session_authorization standard_conforming_strings",
);

/** What a statement begins with, which says whether it is on the closed list. */
export class StatementStart {
  /** EXPLAIN was read, and what it explains comes. */
  explains = false;
  /** The first words, where they do not say enough. */
  #words = "";

  /** @returns whether a statement may begin with this. A parenthesis holds a query, or the options of EXPLAIN. */
  begins(lexeme: number, word: string): boolean {
    if (lexeme !== WORD) return lexeme === OPEN || lexeme === SEMICOLON || lexeme === END;
    if (this.explains && EXPLAIN_WORDS.has(word)) return true;
    if (PLANNED.has(word)) return true;
    if (this.explains) return false;
    this.explains = word === "explain";
    if (UNDECIDED.has(word)) this.#words = word;
    return this.explains || this.#words !== "" || WITHOUT_EFFECT.has(word);
  }

  /** @returns whether a statement that has begun may go on with this. */
  goesOn(lexeme: number, name: string): boolean {
    if (this.#words === "") return true;
    const words = following(this.#words, lexeme, name);
    this.#words = words ?? "";
    return words !== undefined;
  }
}

/**
 * Reads on where the first word is not enough: `set local x` ends with the transaction, `set local.x` is a setting that stays.
 * @returns the words so far, "" where they are enough, undefined where the statement is not on the list.
 */
function following(words: string, lexeme: number, name: string): string | undefined {
  const isName = lexeme === WORD || lexeme === QUOTED;
  switch (words) {
    case "abort":
    case "commit":
    case "end":
    case "rollback":
      return name === "prepared" ? undefined : "";
    case "start":
      return name === "transaction" ? "" : undefined;
    case "set":
      return lexeme === WORD ? `set ${name}` : undefined;
    case "set transaction":
      return TRANSACTION_MODES.has(name) ? "" : undefined;
    case "set constraints":
      return isName ? "" : undefined;
    case "set local":
      return isName && !NOT_LOCALLY.has(name.toLowerCase()) ? "" : undefined;
    default:
      return undefined;
  }
}

function wordsOf(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
