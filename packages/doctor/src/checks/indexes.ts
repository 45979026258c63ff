import type { Check } from "../check.ts";
import { warn } from "../finding.ts";
import { isOwn } from "./own.ts";

export const foreignKeyIndex: Check = {
  id: "foreign_key_index",
  title: "foreign keys without an index",
  why: "every delete, and every change of the key, in the table it points to reads this one from end to end",
  async look(examination) {
    const rows = await examination.ask<{ object: string; change: string }>(
      `select format('%s.%s.%s', nspname, relname, conname) as object,
              format('create index concurrently on %I.%I (%s)', nspname, relname, (
                select string_agg(format('%I', attname), ', ' order by place) from unnest(conkey) with ordinality as key (number, place)
                  join pg_attribute on attrelid = conrelid and attnum = number)) as change
         from pg_constraint c join pg_class t on t.oid = conrelid join pg_namespace n on n.oid = relnamespace
        where contype = 'f' and conparentid = 0 and ${isOwn("t")}
          and not exists (select from pg_index where indrelid = conrelid and indpred is null and indisvalid
            and (select array_agg(number) from unnest((indkey::int2[])[0:cardinality(conkey) - 1]) as number) @> conkey)
        order by 1`,
    );
    return rows.map(({ object, change }) =>
      warn(`no index begins with the columns of ${object}`, change, object),
    );
  },
};

export const indexInvalid: Check = {
  id: "index_invalid",
  title: "invalid indexes",
  why: "no query uses it, every write keeps it, and a unique one does not hold for what was there before",
  async look(examination) {
    const rows = await examination.ask<{ object: string; quoted: string }>(
      `select format('%s.%s', nspname, relname) as object, format('%I.%I', nspname, relname) as quoted
         from pg_index join pg_class i on i.oid = indexrelid join pg_namespace n on n.oid = relnamespace
        where not indisvalid and i.relkind = 'i' and ${isOwn("i")} order by 1`,
    );
    return rows.map(({ object, quoted }) =>
      warn(
        `${object} is invalid, unless it is being built right now`,
        `reindex index concurrently ${quoted}`,
        object,
      ),
    );
  },
};
