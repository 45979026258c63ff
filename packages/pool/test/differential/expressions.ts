import fc from "fast-check";
import { parameter, TYPE_NAMES, TYPES, type Type } from "./types.ts";

type Sql = fc.Arbitrary<string>;

/** Fills `_` in a pattern, one after the other. */
export function filled(pattern: string, ...parts: Sql[]): Sql {
  return fc.tuple(...parts).map((filling) => {
    let next = 0;
    return pattern.replace(/_(?![a-z])/g, () => filling[next++] ?? "");
  });
}

export const oneOf = (...texts: string[]): Sql => fc.constantFrom(...texts);

/** What is the present at every execution, compared with what else is. */
const PRESENT = [
  "'now'::timestamptz = now()",
  "timestamp 'now' = localtimestamp",
  "'today'::date = current_date",
  "'notes'::regclass::text = 'notes'",
];

function leaf(type: Type): Sql {
  const { columns, literals, cast } = TYPES[type];
  return fc.oneof(
    { weight: 3, arbitrary: oneOf(...columns) },
    { weight: 2, arbitrary: oneOf(...literals) },
    { weight: 2, arbitrary: oneOf(`${parameter(type)}::${cast}`) },
  );
}

const OPERATIONS: Partial<Record<Type, (of: (type: Type) => Sql) => Sql[]>> = {
  int: (of) => [
    filled("(_ + _)", of("int"), of("int")),
    filled("(_ / _)", of("int"), of("int")),
    filled("length(_)", of("text")),
    filled("_::int", of("text")),
    filled("array_length(_, 1)", of("ints")),
    filled("jsonb_array_length(_)", of("jsonb")),
    oneOf("nextval('fixed.counter')::int", "twice(1)", `twice(${parameter("int")})`),
    filled("(_ - _)", of("date"), of("date")),
  ],
  bigint: (of) => [filled("(_ * _)", of("bigint"), of("int")), filled("_::bigint", of("numeric"))],
  numeric: (of) => [filled("(_ / _)", of("numeric"), of("int")), filled("round(_, 1)", of("numeric"))],
  float: (of) => [filled("sqrt(_)", of("float")), filled("(_ * 2)", of("float"))],
  text: (of) => [
    filled("(_ || _)", of("text"), of("text")),
    filled("lower(_)", of("text")),
    ...TYPE_NAMES.filter((type) => type !== "float").map((type) => filled("_::text", of(type))),
    filled("to_char(_, 'YYYY-MM-DD HH24:MI')", of("tz")),
    filled("concat_ws('-', _, _)", of("int"), of("date")),
    filled("(_ ->> 'a')", of("jsonb")),
  ],
  bool: (of) => [
    filled("(_ = _)", of("int"), of("int")),
    filled("(_ < _)", of("tz"), of("tz")),
    filled("(_ is null)", of("uuid")),
    oneOf(...PRESENT.map((each) => `(${each})`)),
  ],
  date: (of) => [filled("(_ + _)", of("date"), of("int")), filled("_::date", of("text"))],
  ts: (of) => [filled("(_ + _)", of("ts"), of("interval")), filled("(_ at time zone 'UTC')", of("tz"))],
  tz: (of) => [filled("date_trunc('day', _)", of("tz")), filled("_::timestamptz", of("ts"))],
  interval: (of) => [filled("(_ - _)", of("ts"), of("ts")), filled("justify_days(_)", of("interval"))],
  json: (of) => [filled("to_json(_)", of("texts")), filled("json_build_object('k', _)", of("int"))],
  jsonb: (of) => [
    filled("(_ -> 'a')", of("jsonb")),
    filled("jsonb_build_array(_, _)", of("int"), of("date")),
  ],
  ints: (of) => [filled("(_ || _)", of("ints"), of("int")), filled("array[_]", of("int"))],
  texts: (of) => [filled("string_to_array(_, ' ')", of("text"))],
  pair: (of) => [filled("row(_, _)::pair", of("int"), of("text"))],
};

const { any } = fc.letrec<Record<Type | "any", string>>((tie) => {
  const typed = Object.fromEntries(
    TYPE_NAMES.map((type) => {
      const of = (each: Type) => tie(each) as Sql;
      const operations = OPERATIONS[type]?.(of) ?? [];
      return [
        type,
        fc.oneof(
          { maxDepth: 2, depthSize: "small" },
          { weight: 5, arbitrary: leaf(type) },
          ...operations.map((arbitrary) => ({ weight: 3 / operations.length, arbitrary })).map(whole),
          filled("coalesce(_, _)", of(type), of(type)),
        ),
      ];
    }),
  ) as Record<Type, Sql>;
  return { ...typed, any: fc.oneof(...TYPE_NAMES.map((type) => tie(type) as Sql)) };
});

/** fast-check takes whole weights only. */
function whole({ weight, arbitrary }: { weight: number; arbitrary: Sql }) {
  return { weight: Math.max(1, Math.round(weight)), arbitrary };
}

/** An expression of any type over fixed.items. */
export const expression: Sql = any;

/** A condition, mostly on a column and a parameter whose type the server has to find out. */
export const condition: Sql = fc.oneof(
  ...TYPE_NAMES.filter((type) => type !== "json" && type !== "pair").flatMap((type) =>
    TYPES[type].columns.map((column) => oneOf(`${column} = ${parameter(type)}`)),
  ),
  oneOf(
    "id < 3",
    `id = any(${parameter("ints")})`,
    `n in (${parameter("int")}, ${parameter("int")})`,
    "d = '02/29/2024'",
    "tz > '2024-01-01 08:00'",
    "ts < 'now'",
    "m = 'ok'",
    `t like ${parameter("text")}`,
    `n = ${parameter("int")} limit ${parameter("int")}`,
  ),
);
