import { createHash } from "node:crypto";

/** Longer statements are told apart by their beginning, in characters. */
const LOOKED_AT = 20_000;
/** Hexadecimal digits of a fingerprint. */
const DIGITS = 16;

/** One lexeme of Postgres's SQL (manual, 4.1), a literal to its end or, where it has none, to the end of the text. */
const LEXEME = /* @__PURE__ */ new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<comment>\/\*)`,
    String.raw`(?<literal>\$(?<tag>[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\k<tag>\$|$)` +
      String.raw`|e'(?:\\[\s\S]|''|[^'\\])*(?:'|$)` +
      "|(?:b|x|n|u&)?'(?:''|[^'])*(?:'|$)" +
      String.raw`|\$\d+|\.?\d[\w.]*)`,
    '(?<quoted>"(?:""|[^"])*(?:"|$))',
    String.raw`(?<word>[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<other>[\s\S])`,
  ].join("|"),
  "giy",
);

/**
 * A statement without what tells one execution from another, and without values: literals and parameters become `?`, lists
 * of them one, comments go, space is one space, words are in lower case.
 */
export function normalizeSql(text: string): string {
  const sql = text.slice(0, LOOKED_AT);
  let normalized = "";
  LEXEME.lastIndex = 0;
  for (let lexeme = LEXEME.exec(sql); lexeme !== null; lexeme = LEXEME.exec(sql)) {
    const { space, comment, literal, word } = lexeme.groups ?? {};
    if (comment !== undefined) LEXEME.lastIndex = endOfComment(sql, lexeme.index);
    if (space !== undefined || comment !== undefined) normalized += " ";
    else if (literal !== undefined) normalized += "?";
    else normalized += word?.toLowerCase() ?? lexeme[0];
  }
  return normalized
    .replace(/ +/g, " ")
    .replace(/\?(?: ?, ?\?)+/g, "?")
    .replace(/(\([^()]*\))(?: ?, ?\1)+/g, "$1")
    .trim();
}

/** Names a statement: the same for every execution, whatever its values, and in every process. */
export function sqlFingerprint(normalized: string): string {
  return createHash("sha256").update(normalized).digest("hex").slice(0, DIGITS);
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}
