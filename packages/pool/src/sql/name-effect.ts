import { mayBeSeveral } from "./several-statements.ts";

/** Statements of a text that leaves nothing behind which do not change the meaning of others in their transaction either. */
const STEADY =
  /^\s*(select|insert|update|delete|merge|with|values|table|show|explain|begin|start|commit|end|rollback|abort|savepoint|release)\b/i;

/** Of what changes a session, what changes the meaning of no name in it. */
const KEEPS_MEANING =
  /^\s*(listen|unlisten|notify|fetch|move|close|declare|lock|truncate|vacuum|analyze|copy|prepare|execute|deallocate|comment|grant|revoke)\b|^\s*set\s+(session\s+)?(application_name|client_min_messages|datestyle|idle_in_transaction_session_timeout|intervalstyle|lock_timeout|statement_timeout|time\s+zone|timezone|transaction_timeout|work_mem)\b|^\s*set\s+(local\s+)?(lock_timeout|statement_timeout)\b/i;

export type MeaningChange = "nothing" | "transaction" | "session";

/**
 * For how long a text may give other tables, functions or operators to the names in statements: by another search_path or
 * role, by a temporary table. What is not known to change nothing does, for the session.
 *
 * @param leavesNothing whether the text is known to leave nothing in its session.
 */
export function meaningChangedBy(text: string, leavesNothing: boolean): MeaningChange {
  const isSingle = !mayBeSeveral(text);
  if (leavesNothing) return isSingle && STEADY.test(text) ? "nothing" : "transaction";
  return isSingle && KEEPS_MEANING.test(text) ? "nothing" : "session";
}

/** Answers to statements after which what is prepared may return other types, take others, or mean other tables. */
const DEFINES =
  /^(ALTER|DROP|CREATE|IMPORT) (?!(DATABASE|EVENT TRIGGER|INDEX|POLICY|PUBLICATION|ROLE|RULE|SERVER|STATISTICS|SUBSCRIPTION|TABLESPACE|TRIGGER|USER MAPPING)\b)/;
const CREATES_BY_QUERY = /^(SELECT|CREATE TABLE AS)\b/;
const QUERY_THAT_CREATES = /\b(into|create)\b/i;
const DEFINES_IN_BODY = /\b(alter|create|drop)\b/i;
const TEMPORARY = /\b(temp|temporary|pg_temp)\b/i;

/**
 * Whether the answer to a statement says that it defined something that all sessions share.
 *
 * @param text all that was sent, of which the answer may be to a part.
 */
export function definesForAll(
  tag: string,
  text: string,
  session: { leavesNothing(text: string): boolean },
): boolean {
  if (tag === "DO") return DEFINES_IN_BODY.test(text);
  const defines =
    DEFINES.test(tag) ||
    (CREATES_BY_QUERY.test(tag) && QUERY_THAT_CREATES.test(text) && !session.leavesNothing(text));
  return defines && (mayBeSeveral(text) || !TEMPORARY.test(text));
}
