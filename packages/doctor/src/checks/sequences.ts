import type { Check } from "../check.ts";
import { type Found, skip, warn, wrong } from "../finding.ts";
import { isOwn } from "./own.ts";

const WARN_SHARE = 0.6;
const WRONG_SHARE = 0.9;

/** The end is that of the sequence, or of the column that it fills, whichever comes first. */
const SEQUENCES = `
  select format('%s.%s', nspname, c.relname) as object, format('%I.%I', nspname, c.relname) as quoted,
         pg_sequences.last_value::float8 as last,
         least(seqmax, case atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else seqmax end)::float8 as most,
         format('alter table %s alter %I type bigint; alter sequence %I.%I as bigint', attrelid::regclass, attname, nspname, c.relname) as widen,
         attname is not null as has_column,
         has_sequence_privilege(c.oid, 'select, usage') as readable
    from pg_sequence s join pg_class c on c.oid = seqrelid join pg_namespace n on n.oid = relnamespace
    join pg_sequences on schemaname = nspname and sequencename = c.relname
    left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
                         and d.deptype in ('a', 'i') and d.refobjsubid > 0
    left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
   where seqincrement > 0 and not seqcycle and ${isOwn("c")}
   order by 1`;

export const sequences: Check = {
  id: "sequences",
  title: "sequences near their end",
  why: "every insert fails with 2200H or 22003, at once and for all",
  async look(examination) {
    const rows = await examination.ask<{
      object: string;
      quoted: string;
      last: number | null;
      most: number;
      widen: string;
      has_column: boolean;
      readable: boolean;
    }>(SEQUENCES);
    const found: Found[] = rows.flatMap(({ object, quoted, last, most, widen, has_column }) => {
      const share = (last ?? 0) / most;
      if (share < WARN_SHARE) return [];
      const what = `${object} is at ${last?.toLocaleString("en")} of ${most.toLocaleString("en")}`;
      const change = has_column ? widen : `alter sequence ${quoted} as bigint, and the columns that it fills`;
      return [(share < WRONG_SHARE ? warn : wrong)(what, change, object)];
    });
    const hidden = rows.filter(({ readable }) => !readable).map(({ object }) => object);
    if (hidden.length > 0)
      found.push(
        skip(
          `${examination.observer.user} may not read ${hidden.join(", ")}`,
          "give the owner's URL as DATABASE_URL_OWNER",
        ),
      );
    return found;
  },
};
