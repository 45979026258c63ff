import { isError } from "../async/is-error.ts";
import { INSPECT } from "./inspect-symbol.ts";

/** Fields of a server's error that repeat row values, parameters or the SQL around them. */
const TELLING_FIELDS = ["detail", "where", "internalQuery", "client"] as const;

/** SQLSTATE class 22, data exceptions: their message quotes the offending value. Those about characters quote encodings only. */
const DATA_EXCEPTION = /^22(?!021|P05)/;
/**
 * From the first quotation mark to the last, in whatever language the server speaks (»…«, «…», „…“, “…”, 「…」): marks within the
 * value stand there as they are.
 */
const QUOTED = /["»«„“”「『].*["«»“”」』]/s;

/** Errors that a function of the caller's has made, in PL/pgSQL or in another language: their text may be anything. */
const RAISED = /^(P0|38|39)/;
const RAISING_ROUTINES: readonly unknown[] = ["exec_stmt_raise", "exec_stmt_assert"];
const HIDDEN_TEXT = "(the text of a function's own error is hidden; error.message has it)";

/**
 * Class 42 tells what of a statement is wrong, by names, which stay. What is no name is a value that somebody has written into
 * the statement, and may hold marks as above.
 */
const WRONG_STATEMENT = /^42/;
const NAMES =
  /^["»«„“”「『]\s?[\p{L}_][\p{L}\p{N}_$.]*(" of relation "[\p{L}_][\p{L}\p{N}_$.]*)?\s?["«»“”」』]$/u;
/** The server names a column without marks where its table is named too. */
const BARE_COLUMN = /^(column )(?!")(.*)( does not exist)$/s;
const BARE_NAME = /^[\p{L}\p{N}_$.]+$/u;

/**
 * Keeps an error's row values out of dumps: `console.error(error)`, `JSON.stringify(error)` and error trackers.
 * Code that asks for `error.detail` still gets it, and for the `message` and `hint` of what a function has raised.
 */
export function redactError(error: unknown): void {
  if (!isError(error)) return;
  for (const field of TELLING_FIELDS) hideField(error, field);
  const code: unknown = Reflect.get(error, "code");
  if (typeof code !== "string") return;
  const { message } = error;
  if (RAISED.test(code) || RAISING_ROUTINES.includes(Reflect.get(error, "routine"))) {
    hideField(error, "hint");
    rewriteStack(error, HIDDEN_TEXT);
  } else if (DATA_EXCEPTION.test(code)) rewriteMessage(error, message.replace(QUOTED, '"…"'));
  else if (WRONG_STATEMENT.test(code)) rewriteMessage(error, namesOnly(message));
}

/** @throws `error`, redacted. */
export function throwRedacted(error: unknown): never {
  redactError(error);
  throw error;
}

function namesOnly(message: string): string {
  return message
    .replace(QUOTED, (quoted) => (NAMES.test(quoted) ? quoted : '"…"'))
    .replace(BARE_COLUMN, (whole, before: string, name: string, after: string) =>
      BARE_NAME.test(name) ? whole : `${before}…${after}`,
    );
}

function hideField(error: Error, field: string): void {
  if (Object.hasOwn(error, field)) Object.defineProperty(error, field, { enumerable: false });
}

function rewriteStack(error: Error, message: string): void {
  // V8 copies the message into the stack when the error is made.
  const stack = error.stack?.replace(error.message, () => message);
  if (stack !== undefined) error.stack = stack;
}

function rewriteMessage(error: Error, message: string): void {
  rewriteStack(error, message);
  error.message = message;
}

/**
 * Makes an array of parameters print as their number.
 * Drizzle builds its error's message from the very array that it handed to the driver, after the driver has failed.
 */
export function redactParameters(parameters: unknown): void {
  if (!Array.isArray(parameters)) return;
  const text = `[${parameters.length} hidden]`;
  const hidden = { value: () => text, enumerable: false, configurable: true };
  Object.defineProperties(parameters, { toString: hidden, toJSON: hidden, [INSPECT]: hidden });
}
