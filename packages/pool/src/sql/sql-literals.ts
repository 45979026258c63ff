import { classAt, DIGIT, WORD } from "./sql-characters.ts";

/** Where a comment, string or number is not over at the end of the text, or not as every server reads it. */
export const UNTERMINATED = -1;

/** A carriage return ends it too. */
export function endOfLine(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charCodeAt(end) !== 0x0a && text.charCodeAt(end) !== 0x0d) end++;
  return end;
}

/** They nest. */
export function endOfComment(text: string, at: number): number {
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
export function endOfString(text: string, at: number): number {
  for (let end = text.indexOf("'", at); end !== -1; end = text.indexOf("'", end + 2)) {
    if (text.charCodeAt(end - 1) === 0x5c) return UNTERMINATED;
    if (text.charCodeAt(end + 1) !== 0x27) return end + 1;
  }
  return UNTERMINATED;
}

export function endOfEscapeString(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x5c) end++;
    else if (code === 0x27 && text.charCodeAt(end + 1) === 0x27) end++;
    else if (code === 0x27) return end + 1;
  }
  return UNTERMINATED;
}

const NUMBER = /0[xob][\da-f_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?/iy;

export function endOfNumber(text: string, at: number): number {
  NUMBER.lastIndex = at;
  NUMBER.test(text);
  return unlessLetter(text, NUMBER.lastIndex);
}

export function endOfDigits(text: string, at: number): number {
  let end = at;
  while (classAt(text, end) === DIGIT) end++;
  return unlessLetter(text, end);
}

function unlessLetter(text: string, end: number): number {
  return classAt(text, end) === WORD ? UNTERMINATED : end;
}
