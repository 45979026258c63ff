import {
  CAPITAL,
  CAST,
  COLON,
  classAt,
  DASH,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  END,
  NOT_ASCII,
  QUOTE,
  QUOTED,
  SIGN,
  SLASH,
  SPACE,
  UNREADABLE,
  VALUE,
  WORD,
  wordBitsAt,
} from "./sql-characters.ts";
import {
  endOfComment,
  endOfDigits,
  endOfEscapeString,
  endOfLine,
  endOfNumber,
  endOfString,
  UNTERMINATED,
} from "./sql-literals.ts";

const DOLLAR_QUOTE = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;

/**
 * Takes a text apart as the server's own lexer does (manual, 4.1), in one pass. In doubt a lexeme is {@link UNREADABLE}:
 * unterminated ones; names with Unicode escapes; a string that ends elsewhere with standard_conforming_strings off; a number
 * or parameter with a letter right behind it, where servers before Postgres 15 begin a word.
 */
export class SqlLexer {
  readonly #text: string;
  #at = 0;
  #start = 0;
  #lexemeStart = 0;
  /** The word last read. */
  #word = "";

  constructor(text: string) {
    this.#text = text;
  }

  next(): number {
    const text = this.#text;
    for (;;) {
      const at = this.#at;
      if (at >= text.length) return END;
      this.#lexemeStart = at;
      const kind = classAt(text, at);
      switch (kind) {
        case SPACE:
          this.#at++;
          break;
        case DASH:
          if (text.charCodeAt(at + 1) !== 0x2d) return this.#upTo(at + 1, SIGN);
          this.#at = endOfLine(text, at + 2);
          break;
        case SLASH:
          if (text.charCodeAt(at + 1) !== 0x2a) return this.#upTo(at + 1, SIGN);
          if (this.#upTo(endOfComment(text, at + 2), SPACE) === UNREADABLE) return UNREADABLE;
          break;
        case WORD:
          return this.#readWord(at);
        case DOUBLE_QUOTE:
          return this.#readQuoted(at);
        case QUOTE:
          return this.#upTo(endOfString(text, at + 1), VALUE);
        case DIGIT:
          return this.#upTo(endOfNumber(text, at), VALUE);
        case DOLLAR:
          return this.#readDollar(at);
        case DOT:
          if (classAt(text, at + 1) === DIGIT) return this.#upTo(endOfNumber(text, at), VALUE);
          return this.#upTo(at + 1, DOT);
        case COLON:
          if (text.charCodeAt(at + 1) === 0x3a) return this.#upTo(at + 2, CAST);
          return this.#upTo(at + 1, SIGN);
        default:
          return this.#upTo(at + 1, kind);
      }
    }
  }

  /** The name that the last lexeme is, as the catalog has it. */
  nameOf(lexeme: typeof WORD | typeof QUOTED): string {
    if (lexeme === WORD) return this.#word;
    const inside = this.#text.slice(this.#start + 1, this.#at - 1);
    return inside.includes('"') ? inside.replaceAll('""', '"') : inside;
  }

  /** Goes on behind what comes next, where it is that. @param pattern sticky. @returns whether it was. */
  skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [skipped] = pattern.exec(this.#text) ?? [];
    this.#at += skipped?.length ?? 0;
    return skipped !== undefined;
  }

  /** The last lexeme as it is written. */
  source(): string {
    return this.#text.slice(this.#lexemeStart, this.#at);
  }

  #upTo(end: number, lexeme: number): number {
    if (end === UNTERMINATED) return UNREADABLE;
    this.#at = end;
    return lexeme;
  }

  #readWord(start: number): number {
    const text = this.#text;
    let end = start;
    let seen = 0;
    for (let bits = wordBitsAt(text, end); bits !== 0; bits = wordBitsAt(text, ++end)) seen |= bits;
    const isEscapeString = end === start + 1 && text[start]?.toLowerCase() === "e" && text[end] === "'";
    if (isEscapeString) return this.#upTo(endOfEscapeString(text, end + 1), VALUE);
    const word = text.slice(start, end);
    // A Turkish server with one byte a character folds this one into an ASCII letter.
    if (seen & NOT_ASCII && word.includes("\u0130")) return UNREADABLE;
    this.#word = !(seen & CAPITAL) ? word : seen & NOT_ASCII ? lowerAscii(word) : word.toLowerCase();
    return this.#upTo(end, WORD);
  }

  #readQuoted(start: number): number {
    const text = this.#text;
    const hasEscapes = text[start - 1] === "&" && text[start - 2]?.toLowerCase() === "u";
    if (hasEscapes) return UNREADABLE;
    let end = text.indexOf('"', start + 1);
    while (end !== -1 && text.charCodeAt(end + 1) === 0x22) end = text.indexOf('"', end + 2);
    if (end === -1) return UNREADABLE;
    this.#start = start;
    return this.#upTo(end + 1, QUOTED);
  }

  #readDollar(start: number): number {
    const text = this.#text;
    if (classAt(text, start + 1) === DIGIT) return this.#upTo(endOfDigits(text, start + 1), VALUE);
    DOLLAR_QUOTE.lastIndex = start;
    const [delimiter] = DOLLAR_QUOTE.exec(text) ?? [];
    if (delimiter === undefined) return UNREADABLE;
    const end = text.indexOf(delimiter, start + delimiter.length);
    return end === -1 ? UNREADABLE : this.#upTo(end + delimiter.length, VALUE);
  }
}

/** Not as JavaScript does it, which makes a "k" of the Kelvin sign. */
function lowerAscii(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
