import { inspect } from "node:util";
import { isError } from "../async/is-error.ts";

/** Fields of a server's error that repeat row values, parameters or the SQL around them. */
const TELLING_FIELDS = ["detail", "where", "internalQuery", "client"] as const;

/** SQLSTATE class 22, data exceptions: their message quotes the offending value. Those about characters quote encodings only. */
const DATA_EXCEPTION = /^22(?!021|P05)/;
/**
 * From the first quotation mark to the last, in whatever language the server speaks (»…«, «…», „…“, “…”, 「…」): marks within the
 * value stand there as they are.
 */
const QUOTED = /["»«„“”「『].*["«»“”」』]/s;

/**
 * Keeps an error's row values out of dumps: `console.error(error)`, `JSON.stringify(error)` and error trackers.
 * Code that asks for `error.detail` still gets it.
 */
export function redactError(error: unknown): void {
  if (!isError(error)) return;
  for (const field of TELLING_FIELDS) {
    if (Object.hasOwn(error, field)) Object.defineProperty(error, field, { enumerable: false });
  }
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "string" && DATA_EXCEPTION.test(code))
    rewriteMessage(error, error.message.replace(QUOTED, '"…"'));
}

function rewriteMessage(error: Error, message: string): void {
  // V8 copies the message into the stack when the error is made.
  const stack = error.stack?.replace(error.message, () => message);
  error.message = message;
  if (stack !== undefined) error.stack = stack;
}

/**
 * Makes an array of parameters print as their number.
 * Drizzle builds its error's message from the very array that it handed to the driver, after the driver has failed.
 */
export function redactParameters(parameters: unknown): void {
  if (!Array.isArray(parameters)) return;
  const text = `[${parameters.length} hidden]`;
  const hidden = { value: () => text, enumerable: false, configurable: true };
  Object.defineProperties(parameters, { toString: hidden, toJSON: hidden, [inspect.custom]: hidden });
}
