/** The types of the columns of fixed.items. */
export type Type = keyof typeof TYPES;

interface TypeWords {
  readonly columns: readonly string[];
  /** The type's name in a cast. */
  readonly cast: string;
  readonly literals: readonly string[];
  /** The first ones are the ordinary ones; among the others are some that are refused. */
  readonly values: readonly unknown[];
}

const UUID = "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3";

export const TYPES = {
  int: {
    columns: ["n", "id"],
    cast: "int",
    literals: ["1", "0", "-7", "'3'::int"],
    values: [1, 2, 3, 1, 2, "2", 0, null, -5, 1.5, "x", 3_000_000_000, true],
  },
  bigint: {
    columns: ["big"],
    cast: "bigint",
    literals: ["9007199254740993", "'5'::bigint"],
    values: [10, "9007199254740993", 10n, null, 1.5, "y", "99999999999999999999"],
  },
  numeric: {
    columns: ["num"],
    cast: "numeric",
    literals: ["1.50", "'2.25'::numeric(5,1)", "'NaN'::numeric"],
    values: ["1.5", 1.5, 2, null, "-2.1250", "NaN", "one"],
  },
  float: {
    columns: ["f"],
    cast: "float8",
    literals: ["1e3::float8", "'Infinity'::float8"],
    values: [0.5, 1e300, "NaN", null, Number.NaN, Number.POSITIVE_INFINITY, "half"],
  },
  text: {
    columns: ["t", "vc"],
    cast: "text",
    literals: ["'a'", "'it''s'", "E'a\\nb'", "'now'::text", "''", "$q$x$q$"],
    values: ["a", "b", "it's", "", null, 7, true, "longer than ten characters", new Date(0), { a: 1 }, ["a"]],
  },
  bool: {
    columns: ["b"],
    cast: "bool",
    literals: ["true", "'f'::bool"],
    values: [true, false, "t", null, 1, "maybe"],
  },
  uuid: {
    columns: ["u"],
    cast: "uuid",
    literals: [`'${UUID}1'::uuid`],
    values: [`${UUID}1`, `${UUID}2`, `${UUID}9`, null, "no uuid"],
  },
  date: {
    columns: ["d"],
    cast: "date",
    literals: ["date '2024-02-29'", "'01/02/2024'::date"],
    values: ["2024-02-29", new Date("1999-12-31T12:00:00Z"), "01/02/2024", null, "2024-02-30", "infinity"],
  },
  ts: {
    columns: ["ts"],
    cast: "timestamp",
    literals: ["timestamp '2024-03-31 02:30'", "'02/03/2024 4:05'::timestamp"],
    values: ["2024-03-31 02:30", new Date("2024-01-01T00:00:00Z"), "2024-01-01T12:00:00+02:00", null, "then"],
  },
  tz: {
    columns: ["tz"],
    cast: "timestamptz",
    literals: ["'2024-01-01 12:00'::timestamptz", "timestamptz '2024-01-01 12:00+02'"],
    values: [
      new Date("2024-01-01T12:00:00Z"),
      "2024-01-01 12:00",
      "2024-01-01T12:00:00-05",
      null,
      "then",
      "infinity",
    ],
  },
  interval: {
    columns: ["iv"],
    cast: "interval",
    literals: ["interval '1 day'", "'-1 2:03'::interval", "interval '1 mon -2 days'"],
    values: ["1 day", "-1 2:03:04", "P1Y2M", null, "soon"],
  },
  json: {
    columns: ["j"],
    cast: "json",
    literals: ["'[]'::json", "'{\"a\": 1.50}'::json"],
    values: [{ a: [1] }, "[]", "null", null, "{", JSON.stringify("s")],
  },
  jsonb: {
    columns: ["jb"],
    cast: "jsonb",
    literals: ["'[]'::jsonb", '\'{"a": 1.50, "a": 2}\'::jsonb'],
    values: [{ a: [1] }, "[1, 2]", JSON.stringify([1, "x"]), null, "]"],
  },
  bytea: {
    columns: ["bytes"],
    cast: "bytea",
    literals: ["'\\x6162'::bytea", "'ab'::bytea"],
    values: [Buffer.from("ab"), Buffer.alloc(0), "\\x00ff", null, new Uint8Array([1, 2]), "\\xz"],
  },
  ints: {
    columns: ["ia"],
    cast: "int[]",
    literals: ["'{1,2}'::int[]", "array[1, null]"],
    values: [[1, 2], [], "{3}", null, [1, null], ["x"], [[1], [2]], "{1"],
  },
  texts: {
    columns: ["ta"],
    cast: "text[]",
    literals: ["'{a,b}'::text[]", "array['x', null]"],
    values: [["a", "b c"], ['quo"te', "back\\slash", "NULL", null], "{}", null, "{"],
  },
  mood: {
    columns: ["m"],
    cast: "mood",
    literals: ["'ok'::mood", "'sad'::fixed.mood"],
    values: ["ok", "sad", "happy", null, "bored"],
  },
  positive: {
    columns: ["dom"],
    cast: "positive",
    literals: ["3::positive", "'7'::positive"],
    values: [1, 7, "3", null, 0, -1],
  },
  pair: {
    columns: ["p"],
    cast: "pair",
    literals: ["row(1, 'a')::pair", "'(2,)'::pair"],
    values: ["(1,a)", "(2,)", null, "(1", '(3,"b c")'],
  },
} as const satisfies Record<string, TypeWords>;

export const TYPE_NAMES = Object.keys(TYPES) as Type[];

/** A parameter in a text: numbered once the text is whole. */
export function parameter(type: Type): string {
  return `{{${type}}}`;
}

/** A text whose parameters are numbered, with their types. */
export interface Template {
  readonly text: string;
  readonly types: readonly Type[];
}

export function toTemplate(marked: string): Template {
  const types: Type[] = [];
  const text = marked.replace(/\{\{(\w+)\}\}/g, (_mark, type: Type) => `$${types.push(type)}`);
  return { text, types };
}

/** Chooses a value for each parameter by the digits of one number, in which 0 stands for the ordinary one. */
export function valuesFor(types: readonly Type[], seed: number): unknown[] {
  return types.map((type, index) => {
    const values: readonly unknown[] = TYPES[type].values;
    return values[(Math.floor(seed / 13 ** index) % 13) % values.length];
  });
}
