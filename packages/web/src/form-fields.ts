import { unseenCharacter } from "@openhouse/db/names";
import { z } from "zod";
import { respondWith } from "./current-response.ts";
import { log } from "./log.ts";

/** What is wrong with a form's fields, by their names, in words for whoever filled it in. */
export type FieldFaults = Readonly<Record<string, string>>;

/** What a form gets back. */
export interface FormState {
  ok: boolean;
  /** What was done. */
  done?: string;
  /** A secret that is shown now and never again, and what it is. */
  secret?: { label: string; text: string };
  /** What is wrong with it as a whole. */
  error?: string;
  faults?: FieldFaults;
  /** What was typed, to be corrected: React empties a form that was sent. */
  typed?: Readonly<Record<string, string>>;
}

/**
 * A line that somebody types, without the spaces around it, and without characters that nobody sees.
 *
 * @param missing what to say where it is empty.
 * @param maxLength in UTF-16 units. @default 200
 */
export const line = (missing: string, maxLength = 200) =>
  z
    .string({ error: missing })
    .trim()
    .min(1, { error: missing })
    .max(maxLength, { error: `This is longer than ${maxLength} characters.` })
    .check(({ value, issues }) => {
      const unseen = unseenCharacter(value);
      if (unseen !== null)
        issues.push({
          code: "custom",
          input: value,
          message: `This holds ${unseen}, which cannot be seen. Please type it without.`,
        });
    });

const EMAIL = /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>".]{2,}$/;

/** An e-mail address, in small letters. */
export const email = (missing: string) =>
  line(missing, 254)
    .regex(EMAIL, { error: "This is no e-mail address, such as “name@example.com”." })
    .transform((value) => value.toLowerCase());

/** A whole number that is typed. @param expected what to say where it is none, or out of bounds. */
export const wholeNumber = (min: number, max: number, expected: string) =>
  z
    .string({ error: expected })
    .trim()
    .regex(/^\d{1,9}$/, { error: expected })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: expected });

/** A number with one decimal at most, after a point or a comma. */
export const decimal = (min: number, max: number, expected: string) =>
  z
    .string({ error: expected })
    .trim()
    .regex(/^\d{1,9}([.,]\d)?$/, { error: expected })
    .transform((value) => Number(value.replace(",", ".")))
    .refine((value) => value >= min && value <= max, { error: expected });

/** A calendar day such as "2026-11-21" of this or the last century; null where nothing is typed. */
export const optionalDay = (expected: string) =>
  z
    .string({ error: expected })
    .trim()
    .refine((value) => value === "" || isDay(value), { error: expected })
    .transform((value) => (value === "" ? null : value));

function isDay(text: string): boolean {
  if (!/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** One of a list's words. @param expected what to say where it is none. */
export const choice = <const Words extends readonly string[]>(words: Words, expected: string) =>
  z.enum(words, { error: expected });

/** A new password. What it holds is its owner's to choose. */
export const newPassword = z
  .string({ error: "Choose a password." })
  .min(12, { error: "A password has at least 12 characters. Several words are easy to remember." })
  .max(200, { error: "A password has at most 200 characters." });

export type ReadFields<Shape extends z.ZodRawShape> =
  | { fields: z.output<z.ZodObject<Shape>>; faults?: never }
  | { fields?: never; faults: FieldFaults };

/** Reads fields by their schemas, and tells every fault at once; the first of each field. */
export function readFields<Shape extends z.ZodRawShape>(
  shape: Shape,
  values: Readonly<Record<string, unknown>>,
): ReadFields<Shape> {
  const { success, data, error } = z.object(shape).safeParse(values);
  if (success) return { fields: data };
  const faults: Record<string, string> = {};
  for (const { path, message } of error.issues) faults[path.join(".")] ??= message;
  return { faults };
}

/** {@link readFields} of a form, each field of which is there once. */
export function readFormFields<Shape extends z.ZodRawShape>(shape: Shape, form: FormData): ReadFields<Shape> {
  return readFields(
    shape,
    Object.fromEntries(Object.keys(shape).map((name) => [name, form.get(name) ?? undefined])),
  );
}

/**
 * What a form is answered whose fields are not accepted: status 422, and a line in the log that names the fields and no value.
 *
 * @param route the form's place, as for `guardAction`.
 */
export function refuseFields(route: string, faults: FieldFaults, form: FormData): FormState {
  log.info("web.form_refused", { route, reasons: Object.keys(faults) });
  respondWith(422);
  return { ok: false, faults, typed: typedIn(form) };
}

const MAX_TYPED = 1_000;

function typedIn(form: FormData): Record<string, string> {
  const typed: Record<string, string> = {};
  for (const [name, value] of form)
    if (typeof value === "string" && !name.startsWith("$")) typed[name] = value.slice(0, MAX_TYPED);
  return typed;
}
