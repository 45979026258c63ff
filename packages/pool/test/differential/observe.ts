import { inspect, isDeepStrictEqual } from "node:util";

/** From here on the server counts what was made after it: what it gave to one contestant, the other one has not. */
const FIRST_OID_OF_OURS = 16_384;
/** `routine` is where in its sources the server was: in Bind, say, where a statement without a name would be in Parse. */
const NOT_COMPARED = new Set(["length", "file", "line", "routine", "stack", "client", "query", "params"]);
/** The pool keeps values out of the messages of data exceptions. */
const QUOTED = /".*"/s;
/** Some messages say the name of a prepared statement, which one of the two has and the other has not. */
const STATEMENT_NAME = /(?<=prepared statement )"[^"]*"/g;

export type Observation = unknown;

/** What is compared of a result, or of several. */
export function ofResult(result: unknown, text: string): Observation {
  if (Array.isArray(result) && result.every(isResult)) return result.map((each) => ofOne(each, text));
  return isResult(result) ? ofOne(result, text) : result;
}

interface Result {
  command: string | null;
  rowCount: number | null;
  oid: number | null;
  rows: unknown[];
  fields: Record<string, unknown>[];
}

function isResult(result: unknown): result is Result {
  return typeof result === "object" && result !== null && "fields" in result && "rowCount" in result;
}

function ofOne({ command, rowCount, oid, rows, fields }: Result, text: string): Observation {
  return {
    command,
    rowCount,
    oid,
    fields: fields.map((field) => ({
      ...field,
      dataTypeID: Number(field.dataTypeID) < FIRST_OID_OF_OURS ? field.dataTypeID : "ours",
      tableID: Number(field.tableID) < FIRST_OID_OF_OURS ? field.tableID : "ours",
    })),
    // Without an order the server may return them in any.
    rows: /order by|fetch|execute/i.test(text) ? rows : [...rows].sort(byText),
  };
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [asText(a), asText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function asText(value: unknown): string {
  return JSON.stringify(value, (_key, each) => (typeof each === "bigint" ? `${each}n` : each)) ?? "";
}

/** What is compared of an error: its class, and all that the server has said but where in its sources. */
export function ofError(error: unknown): Observation {
  if (!(error instanceof Error)) return { thrown: error };
  if (error.constructor.name === "DrizzleQueryError") return { drizzle: ofError(error.cause) };
  const fields = Object.getOwnPropertyNames(error)
    .filter((name) => !NOT_COMPARED.has(name) && Reflect.get(error, name) !== undefined)
    .map((name) => [name, withoutPlace(Reflect.get(error, name))] as const);
  return { class: error.constructor.name, ...Object.fromEntries(fields), message: messageOf(error) };
}

/** Where a row is stored. */
function withoutPlace(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/tuple \(\d+,\d+\)/, "tuple") : value;
}

function messageOf(error: Error): string {
  const isDataException = String(Reflect.get(error, "code")).startsWith("22");
  return error.message.replace(isDataException ? QUOTED : STATEMENT_NAME, '"…"');
}

/** As it is shown: Node takes no invalid date for another one. */
export function isSame(a: Observation, b: Observation): boolean {
  return isDeepStrictEqual(a, b) || show(a) === show(b);
}

export function show(seen: Observation): string {
  return inspect(seen, { depth: 12, breakLength: 140, maxArrayLength: null, maxStringLength: null });
}
