import type { Check } from "../check.ts";
import { note, ok, skip, warn, wrong } from "../finding.ts";

/** The last day on which the project mends a major version: https://www.postgresql.org/support/versioning/ */
export const END_OF_LIFE: Readonly<Record<number, string>> = {
  10: "2022-11-10",
  11: "2023-11-09",
  12: "2024-11-21",
  13: "2025-11-13",
  14: "2026-11-12",
  15: "2027-11-11",
  16: "2028-11-09",
  17: "2029-11-08",
  18: "2030-11-14",
};
const DAY_MS = 86_400_000;
const SOON_DAYS = 180;

export const version: Check = {
  id: "server_version",
  title: "the server's version and its end",
  why: "nobody mends what is found in it after its end, be it a hole or lost rows",
  async look(examination) {
    const [row] = await examination.ask<{ number: number; text: string }>(
      "select current_setting('server_version_num')::int as number, current_setting('server_version') as text",
    );
    const major = Math.floor((row?.number ?? 0) / 10_000);
    const end = END_OF_LIFE[major];
    const upgrade = `upgrade to ${Math.max(...Object.keys(END_OF_LIFE).map(Number))}`;
    if (end === undefined) {
      if (major < 10) return [wrong(`Postgres ${row?.text} has ended`, upgrade)];
      return [ok(`Postgres ${row?.text}; its end is not in this doctor's table`)];
    }
    const days = Math.floor((Date.parse(end) - examination.now) / DAY_MS);
    if (days < 0) return [wrong(`Postgres ${row?.text} has ended on ${end}`, upgrade)];
    if (days < SOON_DAYS) return [warn(`Postgres ${row?.text} ends on ${end}, in ${days} days`, upgrade)];
    return [ok(`Postgres ${row?.text}, until ${end}`)];
  },
};

export const readOnly: Check = {
  id: "read_only",
  title: "whether the server takes writes",
  why: "every write fails with 25006, while reads are well",
  async look(examination) {
    const { app } = examination;
    const { rows } = await app.query<{ standby: boolean; reads: string }>(
      "select pg_is_in_recovery() as standby, current_setting('transaction_read_only') as reads",
    );
    if (rows[0]?.standby)
      return [wrong("the server is a standby", "the primary's address in DATABASE_URL", "standby")];
    if (rows[0]?.reads !== "on") return [];
    const { database, user } = examination.settings.options;
    const { rows: set } = await app.query<{ change: string }>(
      `select format('alter%s%s reset default_transaction_read_only',
                case when setrole <> 0 then format(' role %I', pg_get_userbyid(setrole)) end,
                case when setdatabase = 0 then null when setrole = 0 then format(' database %I', datname)
                     else format(' in database %I', datname) end) as change
         from pg_db_role_setting left join pg_database d on d.oid = setdatabase, unnest(setconfig) setting
        where setting like 'default_transaction_read_only=%'
          and (setdatabase = 0 or datname = $1) and (setrole = 0 or pg_get_userbyid(setrole) = $2)`,
      [database, user],
    );
    const change = set[0]?.change ?? "alter system reset default_transaction_read_only; reload";
    return [wrong("transactions are read-only by a setting", change, "default_transaction_read_only")];
  },
};

const WRAPAROUND_WARN = 300_000_000;
const WRAPAROUND_WRONG = 1_000_000_000;

/** What is to be said of the age of a database's oldest transaction id. */
export function judgeAge(kind: string, age: number, database: string) {
  const what = `the oldest ${kind} of ${database} is ${age.toLocaleString("en")} old, of 2,147,483,647`;
  const change = "vacuum (freeze, verbose), as the owner; end transactions and slots that hold it up";
  if (age > WRAPAROUND_WRONG) return [wrong(what, change, kind)];
  if (age > WRAPAROUND_WARN) return [warn(what, change, kind)];
  return [];
}

export const wraparound: Check = {
  id: "wraparound",
  title: "age of transaction ids",
  why: "the server stops taking writes before they would be given out anew",
  async look(examination) {
    const [row] = await examination.ask<{ name: string; xids: number; multis: number }>(
      `select datname as name, age(datfrozenxid) as xids, mxid_age(datminmxid) as multis
         from pg_database where datname = current_database()`,
    );
    if (row === undefined) return [skip("the database is not in pg_database")];
    const found = [
      ...judgeAge("transaction id", row.xids, row.name),
      ...judgeAge("multixact", row.multis, row.name),
    ];
    return found.length > 0 ? found : [ok(`${row.xids.toLocaleString("en")} of 2,147,483,647`)];
  },
};

export const extensions: Check = {
  id: "extensions",
  title: "extensions older than the server's files",
  why: "what was mended in the files since is not in this database",
  async look(examination) {
    const rows = await examination.ask<{ name: string; old: string; new: string; change: string }>(
      `select extname as name, extversion as old, default_version as new,
              format('alter extension %I update', extname) as change
         from pg_extension join pg_available_extensions on name = extname
        where extversion <> default_version order by 1`,
    );
    return rows.map((row) =>
      note(`${row.name} is ${row.old}, the server has ${row.new}`, row.change, row.name),
    );
  },
};
