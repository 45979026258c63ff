import { CLOSE, COMMA, END, OPEN, QUOTED, SEMICOLON, UNREADABLE, WORD } from "./sql-characters.ts";
import { SqlLexer } from "./sql-lexer.ts";
import { WordList } from "./word-list.ts";

/** Commands that change rows, definitions or a transaction, and so what all sessions see. */
const SHARED_COMMANDS = /* @__PURE__ */ new WordList(`
  abort alter analyse analyze begin call checkpoint close cluster comment commit copy create declare delete do drop end explain
  fetch grant import insert lock merge move notify reassign refresh reindex release return revoke rollback savepoint security
  select show start table truncate update vacuum values with`);
/** Commands that change the session, or depend on what it was told. */
const SESSION_COMMANDS = /* @__PURE__ */ new WordList(
  "deallocate discard execute listen load prepare reset set unlisten",
);

/** Functions of the server that change the session, or run a text that may. */
const SESSION_FUNCTIONS = /* @__PURE__ */ new WordList(`
  connectby crosstab crosstab2 crosstab3 crosstab4 dblink_connect dblink_connect_u pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
  pg_try_advisory_lock pg_try_advisory_lock_shared pg_replication_origin_session_reset pg_replication_origin_session_setup
  query_to_xml query_to_xml_and_xmlschema query_to_xmlschema set_limit setseed ts_rewrite ts_stat xpath_table`);

/** What SET LOCAL names, and what does not end with the transaction. */
const NOT_LOCAL = /* @__PURE__ */ new WordList("names seed session");

const TEMPORARY = /\b(?:create (?:or replace )?|into )(?:global |local )?temp(?:orary)?\b/;
const ENDS_AT_COMMIT = /\bon commit drop\b/;

/** Uses of SET in a block's body that change no setting, or one that ends with the transaction. */
const OTHER_SETS =
  /\bupdate\s+(?:only\s+)?[\w."]+\s+(?:(?:as\s+)?[\w"]+\s+)?set\b|\bdo\s+update\s+set\b|\bset\s+(?:local\s+(?!seed\b|names\b|session\b)\w|null\b|not\s+null\b|default\b|data\s+type\b|statistics\b|schema\b)/gi;
/** What a block's body may change the session by: it is a literal, which is read by its words alone. */
const BODY_CHANGES =
  /\b(?:set|reset|set_config|setseed|discard|listen|unlisten|prepare|execute|deallocate|load|temp|temporary|pg_temp\w*|\w*advisory_(?:un)?lock\w*|query_to_xml\w*)\b|\\|\bu&["']/i;

/**
 * What a text would leave behind in its session, by what it says: SET, LISTEN, PREPARE, a temporary table, a session's advisory
 * lock, set_config whose third argument is not the word `true`. What cannot be read would, too. Asked of texts that are not on
 * the closed list (`session-effect.ts`); what tables, views and functions of the schema do is trusted.
 *
 * @returns what it is, for an error: it holds no value of the text. Undefined where the text leaves nothing that others see.
 */
export function sessionNeedOf(text: string): string | undefined {
  const lexer = new SqlLexer(text);
  const isBlock: boolean[] = [];
  for (;;) {
    const statement = readStatement(lexer);
    isBlock.push(/^do\b/.test(statement.words));
    const need = statement.need ?? needOfWords(statement.words);
    if (need !== undefined) return need;
    if (statement.isLast) break;
  }
  const changes = isBlock.includes(true) && BODY_CHANGES.test(text.replace(OTHER_SETS, ""));
  return changes ? "a DO block that may change the session" : undefined;
}

function needOfWords(words: string): string | undefined {
  const [first = ""] = words.split(" ", 1);
  if (TEMPORARY.test(words) && !ENDS_AT_COMMIT.test(words)) return "a temporary table";
  if (/\bdeclare\b.* with hold\b/.test(words)) return "a cursor WITH HOLD";
  if (/^explain\b.* execute\b/.test(words)) return "EXECUTE";
  if (first === "set") return isLocalSet(words) ? undefined : "SET";
  if (/^prepare transaction\b/.test(words)) return undefined;
  if (SESSION_COMMANDS.has(first)) return first.toUpperCase();
  return first === "" || SHARED_COMMANDS.has(first) ? undefined : "a statement that is not known";
}

/** `set local x` ends with the transaction, `set local.x` is a setting that stays. */
function isLocalSet(words: string): boolean {
  const [, scope, name = "", next] = words.split(" ");
  if (scope === "constraints" || scope === "transaction") return name !== "." && next !== ".";
  return scope === "local" && name !== "." && name !== "" && !NOT_LOCAL.has(name);
}

interface ReadStatement {
  /** In lower case, without parentheses and commas; a name in quotes is `""`, and all else a dot. */
  readonly words: string;
  readonly need: string | undefined;
  readonly isLast: boolean;
}

/** A call of set_config that is being read. */
interface Call {
  readonly depth: number;
  commas: number;
  /** The third argument as far as it was read. */
  third: string;
}

function readStatement(lexer: SqlLexer): ReadStatement {
  const words: string[] = [];
  const calls: Call[] = [];
  let depth = 0;
  let isCallee = false;
  let need: string | undefined;
  let updates = false;
  for (;;) {
    const lexeme = lexer.next();
    if (lexeme === UNREADABLE) return { words: "", need: need ?? "a text that cannot be read", isLast: true };
    if (isCallee && lexeme !== OPEN) need ??= "set_config";
    if (lexeme === END || (lexeme === SEMICOLON && depth <= 0))
      return { words: words.join(" "), need, isLast: lexeme === END };
    const name = lexeme === WORD || lexeme === QUOTED ? lexer.nameOf(lexeme) : "";
    const call = calls.at(-1);
    if (lexeme === OPEN) {
      depth++;
      if (isCallee) calls.push({ depth, commas: 0, third: "" });
      else if (call?.commas === 2) call.third += "(";
    } else if (lexeme === CLOSE) {
      if (call?.depth === depth) {
        if (call.commas !== 2 || call.third !== "true") need ??= "set_config(…, false)";
        calls.pop();
      }
      depth--;
    } else if (lexeme === COMMA && call?.depth === depth) call.commas++;
    else if (call?.commas === 2) call.third += lexeme === WORD ? name : "?";
    isCallee = name === "set_config";
    if (SESSION_FUNCTIONS.has(name)) need ??= name;
    updates ||= name === "update" || name === "merge";
    if (updates && name === "pg_settings") need ??= "SET"; // a view whose rule calls set_config
    if (name.startsWith("pg_temp")) need ??= "a temporary table";
    if (lexeme !== OPEN && lexeme !== CLOSE && lexeme !== COMMA)
      words.push(lexeme === QUOTED ? '""' : name || ".");
  }
}
