import { ScopeError } from "../errors/errors.ts";

/**
 * What a setting holds: any text but the empty one; a UUID; a whole number of 64 bits; an object, sent as JSON; or one
 * of the values listed.
 */
export type SettingType = "text" | "uuid" | "bigint" | "json" | readonly string[];

/** What is taken for a setting of a type. A bigint may be written in digits, a number must be a safe integer. */
export type SettingValue<T extends SettingType> = T extends readonly (infer Value)[]
  ? Value
  : T extends "bigint"
    ? bigint | number | string
    : T extends "json"
      ? Readonly<Record<string, unknown>>
      : string;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const DIGITS = /^-?\d{1,19}$/;
const BIGINT_BITS = 64;

/** Makes the text that is sent; undefined for a value that is none of the type. */
type Encode = (value: unknown) => string | undefined;

const ENCODERS: Record<Extract<SettingType, string>, { readonly is: string; readonly encode: Encode }> = {
  text: {
    is: "a string that is not empty, of valid Unicode without a zero character",
    encode: (value) => (isText(value) && value !== "" ? value : undefined),
  },
  uuid: {
    is: "a UUID, such as 6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e",
    // In one spelling, as policies may compare text.
    encode: (value) => (typeof value === "string" && UUID.test(value) ? value.toLowerCase() : undefined),
  },
  bigint: { is: "a whole number of 64 bits", encode: encodeBigint },
  json: { is: "an object that JSON can hold", encode: encodeJson },
};

/**
 * The text of a setting.
 *
 * @throws {ScopeError} the value is none of the type; the message says which would be, and not what was given.
 */
export function encodeSetting(name: string, type: SettingType, value: unknown): string {
  const encoded =
    typeof type === "string" ? ENCODERS[type].encode(value) : type.find((each) => each === value);
  if (encoded !== undefined) return encoded;
  const wanted = typeof type === "string" ? ENCODERS[type].is : `one of ${type.join(", ")}`;
  throw new ScopeError(`the scope's setting ${name} must be ${wanted}, got ${kindOf(value)}`);
}

function encodeBigint(value: unknown): string | undefined {
  const isWhole =
    typeof value === "bigint" ||
    (typeof value === "number" && Number.isSafeInteger(value)) ||
    (typeof value === "string" && DIGITS.test(value));
  if (!isWhole) return undefined;
  const whole = BigInt(value);
  return BigInt.asIntN(BIGINT_BITS, whole) === whole ? String(whole) : undefined;
}

function encodeJson(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  try {
    const json: unknown = JSON.stringify(value);
    return isText(json) ? json : undefined;
  } catch {
    return undefined; // a circle, a bigint, a toJSON that throws
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0") && value.isWellFormed();
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value === "") return "an empty string";
  return typeof value === "string" ? `a string of ${value.length} characters` : typeof value;
}
