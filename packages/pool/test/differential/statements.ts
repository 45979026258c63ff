import fc from "fast-check";
import { condition, expression, filled, oneOf } from "./expressions.ts";
import { parameter as p, type Template, TYPE_NAMES, TYPES, toTemplate } from "./types.ts";

const assignment = fc.oneof(
  ...TYPE_NAMES.flatMap((type) =>
    TYPES[type].columns
      .filter((column) => column !== "id")
      .flatMap((column) => [
        oneOf(`${column} = ${p(type)}`),
        oneOf(...TYPES[type].literals.map((each) => `${column} = ${each}`)),
      ]),
  ),
);

/** On the table with a column of each type. */
const onItems = fc.oneof(
  { weight: 6, arbitrary: filled("select _, _ as x from items where _", expression, expression, condition) },
  { weight: 3, arbitrary: filled("select * from items where _", condition) },
  {
    weight: 2,
    arbitrary: filled(
      "select _",
      expression.map((sql) => `(select ${sql} from items where id = ${p("int")})`),
    ),
  },
  filled("select count(*), max(_::text) from items", expression),
  filled(
    "with c as (select id, _ as x from items) select c.x, o.note from c join others o on o.item_id = c.id order by o.id",
    expression,
  ),
  filled("select id from items where _ union all select id from others where note = {{text}}", condition),
  filled(
    "values (_::text), ({{text}})",
    expression.map((sql) => `(select ${sql} from items where id = 1)`),
  ),
  { weight: 3, arbitrary: filled("update items set _ where _ returning id, n, t", assignment, condition) },
  { weight: 2, arbitrary: filled("update items set _, _ where id = {{int}}", assignment, assignment) },
  filled(
    "insert into items (id, n, t, d, tz, ia) values ({{int}}, {{int}}, {{text}}, {{date}}, {{tz}}, {{ints}}) returning *",
  ),
  filled("insert into items (id, _) select 9, {{_}} on conflict (id) do nothing", oneOf("n"), oneOf("int")),
  filled(
    "insert into items (id, u) values ({{int}}, {{uuid}}) on conflict (id) do update set u = excluded.u returning u",
  ),
  oneOf(
    `delete from items where id = ${p("int")}`,
    `delete from others where note = ${p("text")} returning *`,
  ),
  oneOf(
    `merge into others o using items i on o.id = i.id when matched then update set note = i.t when not matched then insert values (${p("int")}, 1, 'm')`,
  ),
);

/** On those whose columns change. */
const onChanging = oneOf(
  `select * from notes where id = ${p("int")}`,
  `select n from notes where n = ${p("int")}`,
  `select id, body from notes where at < ${p("ts")} order by id`,
  `insert into notes (id, body, n) values (${p("int")}, ${p("text")}, ${p("int")}) returning *`,
  `insert into notes (id, body) values (7, ${p("text")}) on conflict do nothing`,
  `update notes set n = ${p("int")} where id = ${p("int")} returning n`,
  `update notes set n = n + ${p("int")}`,
  `delete from notes where id = ${p("int")} returning *`,
  `select * from prices where id = ${p("int")}`,
  `select v from prices where v = ${p("text")}`,
  `update prices set v = ${p("text")} where id = ${p("int")}`,
  `insert into prices values (${p("int")}, ${p("text")})`,
  `delete from prices where id = ${p("int")}`,
  `select v from cfg where id = ${p("int")}`,
  `insert into cfg values (${p("int")}, ${p("text")}) returning v`,
  `select * from t where id = ${p("int")}`,
  `update t set v = ${p("text")} returning *`,
  `select twice(${p("int")})`,
  `select pg_typeof(twice(${p("int")}))::text as type`,
  `select n.*, p.v from notes n join prices p using (id) where id = ${p("int")}`,
  "select * from notes order by id",
  "select count(*) from prices",
);

export const statement: fc.Arbitrary<Template> = fc
  .oneof({ weight: 3, arbitrary: onItems }, { weight: 3, arbitrary: onChanging })
  .map(toTemplate);
