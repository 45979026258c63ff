/** A call without a column among its arguments, as Postgres writes an expression: `current_setting('app.tenant'::text, true)`. */
const CALL =
  /(?<![\w"'.])((?:[a-z_]\w*\.)?[a-z_]\w*\((?:'(?:[^']|'')*'|::[a-z_][a-z_ ]*|\d+|true|false|NULL|, ?)*\))/g;
/** What is computed once by itself, or is no call. */
const NOT_A_CALL = /^(and|or|not|in|any|all|exists|values|coalesce|row|array)\(/i;

/**
 * The calls of a policy's expression that are the same for each row and are made for each row: none that stands in a
 * subselect, which is an InitPlan, and none that depends on a column.
 */
export function callsPerRow(expression: string): string[] {
  const outside = withoutSubselects(expression);
  return [...outside.matchAll(CALL)].map(([, call = ""]) => call).filter((call) => !NOT_A_CALL.test(call));
}

function withoutSubselects(expression: string): string {
  let kept = "";
  for (let at = 0; at < expression.length; at++) {
    if (/^\(\s*SELECT\b/.test(expression.slice(at))) at = endOfParenthesis(expression, at);
    else kept += expression[at];
  }
  return kept;
}

/** Where the parenthesis ends that begins at `start`, literals left out. */
function endOfParenthesis(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "'") {
      at = text.indexOf("'", at + 1);
      if (at === -1) return text.length;
    } else if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return text.length;
}
