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
export const SPACE = 12;
export const DIGIT = 13;
export const QUOTE = 14;
export const DOUBLE_QUOTE = 15;
export const DOLLAR = 16;
export const COLON = 17;
export const DASH = 18;
export const SLASH = 19;

/** By UTF-16 code. All that is not ASCII may be in a name, white space of Unicode too, as for the server. */
const CLASSES = /* @__PURE__ */ classesOf([
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
export const IN_WORD = 1;
export const CAPITAL = 2;
export const NOT_ASCII = 4;
const WORD_CHARACTERS = /* @__PURE__ */ wordCharacters();

/** One of the above; {@link END} behind the text. */
export function classAt(text: string, at: number): number {
  return CLASSES[text.charCodeAt(at)] ?? END;
}

/** The bits of {@link IN_WORD}, {@link CAPITAL} and {@link NOT_ASCII}. */
export function wordBitsAt(text: string, at: number): number {
  return WORD_CHARACTERS[text.charCodeAt(at)] ?? 0;
}

function classesOf(classes: readonly (readonly [number, string])[]): Uint8Array {
  const byCode = new Uint8Array(0x10000).fill(UNREADABLE, 0, 128).fill(WORD, 128);
  for (const [kind, characters] of classes) {
    for (const character of characters) byCode[character.charCodeAt(0)] = kind;
  }
  return byCode;
}

function wordCharacters(): Uint8Array {
  const byCode = new Uint8Array(CLASSES.length).fill(IN_WORD | NOT_ASCII, 128);
  for (const [code, kind] of CLASSES.subarray(0, 128).entries()) {
    if (kind !== WORD && kind !== DIGIT && kind !== DOLLAR) continue;
    byCode[code] = code >= 0x41 && code <= 0x5a ? IN_WORD | CAPITAL : IN_WORD;
  }
  return byCode;
}
