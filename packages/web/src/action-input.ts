import { isUuid } from "@openhouse/db/uuid";
import { z } from "zod";

/** What a server action was called with is not what its form sends. `reasons` name the fields, and hold no value. */
export class ActionInputError extends Error {
  readonly code = "ACTION_INPUT";
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(`the action was called with something else than it takes: ${reasons.join("; ")}`);
    this.name = "ActionInputError";
    this.reasons = reasons;
  }
}

/** A text that can be stored: without NUL, and without half of a character. */
export const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => !value.includes("\0") && value.isWellFormed(), { error: "holds no text" });

/** The id of a row. */
export const id = z.string().refine(isUuid, { error: "is no id" });

/** A number of things, as a hidden field holds it. */
export const count = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number);

/** A point in time, as a hidden field holds it: milliseconds since 1970. */
export const instant = z
  .string()
  .regex(/^\d{13}$/)
  .transform(Number);

export const oneOf = <const Words extends readonly string[]>(...words: Words) => z.enum(words);

const form = z.instanceof(FormData);

/**
 * Checks an argument of a server action: its types say what our own pages send, and anybody may send anything. Call it behind
 * `requireRole`, so that strangers are not answered in detail.
 *
 * @throws {ActionInputError} `guardAction` answers it with 400.
 */
export function readInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new ActionInputError(
    error.issues.map(({ path, code }) => `${path.join(".") || "argument"}: ${code}`),
  );
}

/**
 * The form itself, for a reader that has words for what is wrong with its fields.
 *
 * @throws {ActionInputError} it is no form.
 */
export const asForm = (sent: unknown): FormData => readInput(form, sent);

/** {@link readInput} for the fields of a form, each of which is there once. */
export function readForm<Shape extends z.ZodRawShape>(
  shape: Shape,
  sent: unknown,
): z.output<z.ZodObject<Shape>> {
  const fields = asForm(sent);
  const entries = Object.keys(shape).map((name) => [name, fields.get(name) ?? undefined]);
  return readInput(z.object(shape), Object.fromEntries(entries));
}
