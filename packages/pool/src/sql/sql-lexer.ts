/** What the lexer tells apart, of the lexical structure of SQL (manual, 4.1). */
export const END = 0;
/** What is not SQL, or is read differently by another version or under another setting of the server. */
export const UNREADABLE = 1;
/** A key word, or a name without quotes; in lower case. */
export const WORD = 2;
/** A name in quotes. */
export const QUOTED = 3;
/** A string, number, parameter, or the bracket that ends a subscript: what an expression ends with. */
export const VALUE = 4;
export const OPEN = 5;
export const CLOSE = 6;
export const COMMA = 7;
export const DOT = 8;
export const SEMICOLON = 9;
/** `::` */
export const CAST = 10;
/** Operators and other signs. */
export const SIGN = 11;

/** How a character is read; those below it are as the lexeme of the same number. */
const SPACE = 12;
const DIGIT = 13;
const QUOTE = 14;
const DOUBLE_QUOTE = 15;
const DOLLAR = 16;
const COLON = 17;
const DASH = 18;
const SLASH = 19;

/** By UTF-16 code. All that is not ASCII may be in a name, white space of Unicode too, as for the server. */
const CLASSES = classesOf([
  [WORD, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"],
  [SPACE, " \t\n\r\f\v"],
  [DIGIT, "0123456789"],
  [SIGN, "~!@#^&|`?+*%<>=["],
  [VALUE, "]"],
  [OPEN, "("],
  [CLOSE, ")"],
  [COMMA, ","],
  [DOT, "."],
  [SEMICOLON, ";"],
  [QUOTE, "'"],
  [DOUBLE_QUOTE, '"'],
  [DOLLAR, "$"],
  [COLON, ":"],
  [DASH, "-"],
  [SLASH, "/"],
]);

/** What a character in a word says of it, in bits; 0 ends the word. */
const IN_WORD = 1;
const CAPITAL = 2;
const NOT_ASCII = 4;
const WORD_CHARACTERS = CLASSES.map((kind, code) => {
  if (code > 127) return IN_WORD | NOT_ASCII;
  if (kind !== WORD && kind !== DIGIT && kind !== DOLLAR) return 0;
  return code >= 0x41 && code <= 0x5a ? IN_WORD | CAPITAL : IN_WORD;
});

const DOLLAR_QUOTE = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;
const UNTERMINATED = -1;

/**
 * Takes a text apart as the server's own lexer does (manual, 4.1), in one pass. In doubt a lexeme is {@link UNREADABLE}:
 * unterminated ones; names with Unicode escapes; a string that ends elsewhere with standard_conforming_strings off; a number
 * or parameter with a letter right behind it, where servers before Postgres 15 begin a word.
 */
export class SqlLexer {
  readonly #text: string;
  #at = 0;
  #start = 0;
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
      const kind = CLASSES[text.charCodeAt(at)] ?? UNREADABLE;
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

  #upTo(end: number, lexeme: number): number {
    if (end === UNTERMINATED) return UNREADABLE;
    this.#at = end;
    return lexeme;
  }

  #readWord(start: number): number {
    const text = this.#text;
    let end = start;
    let seen = 0;
    for (let bits = bitsAt(text, end); bits !== 0; bits = bitsAt(text, ++end)) seen |= bits;
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

function classAt(text: string, at: number): number | undefined {
  return CLASSES[text.charCodeAt(at)];
}

function bitsAt(text: string, at: number): number {
  return WORD_CHARACTERS[text.charCodeAt(at)] ?? 0;
}

function classesOf(classes: readonly (readonly [number, string])[]): Uint8Array {
  const byCode = new Uint8Array(0x10000).fill(UNREADABLE, 0, 128).fill(WORD, 128);
  for (const [kind, characters] of classes) {
    for (const character of characters) byCode[character.charCodeAt(0)] = kind;
  }
  return byCode;
}

/** Not as JavaScript does it, which makes a "k" of the Kelvin sign. */
function lowerAscii(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A carriage return ends it too. */
function endOfLine(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charCodeAt(end) !== 0x0a && text.charCodeAt(end) !== 0x0d) end++;
  return end;
}

/** They nest. */
function endOfComment(text: string, at: number): number {
  let depth = 1;
  for (let end = at; end < text.length - 1; end++) {
    const code = text.charCodeAt(end);
    if (code !== 0x2a && code !== 0x2f) continue;
    const next = text.charCodeAt(end + 1);
    if (code === 0x2a && next === 0x2f) depth--;
    else if (code === 0x2f && next === 0x2a) depth++;
    else continue;
    end++;
    if (depth === 0) return end + 1;
  }
  return UNTERMINATED;
}

/** With standard_conforming_strings off a backslash would make the quote behind it part of the string. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf("'", at); end !== -1; end = text.indexOf("'", end + 2)) {
    if (text.charCodeAt(end - 1) === 0x5c) return UNTERMINATED;
    if (text.charCodeAt(end + 1) !== 0x27) return end + 1;
  }
  return UNTERMINATED;
}

function endOfEscapeString(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x5c) end++;
    else if (code === 0x27 && text.charCodeAt(end + 1) === 0x27) end++;
    else if (code === 0x27) return end + 1;
  }
  return UNTERMINATED;
}

const NUMBER = /0[xob][\da-f_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?/iy;

function endOfNumber(text: string, at: number): number {
  NUMBER.lastIndex = at;
  NUMBER.test(text);
  return unlessLetter(text, NUMBER.lastIndex);
}

function endOfDigits(text: string, at: number): number {
  let end = at;
  while (classAt(text, end) === DIGIT) end++;
  return unlessLetter(text, end);
}

function unlessLetter(text: string, end: number): number {
  return classAt(text, end) === WORD ? UNTERMINATED : end;
}
