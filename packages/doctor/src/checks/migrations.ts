import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { Check } from "../check.ts";
import { CannotLook, note, ok, wrong } from "../finding.ts";

interface Entry {
  readonly when: number;
  readonly tag: string;
}

function entriesOf(folder: string): readonly Entry[] {
  const { entries }: { entries?: unknown } = JSON.parse(
    readFileSync(join(folder, "meta/_journal.json"), "utf8"),
  );
  if (!Array.isArray(entries)) throw new CannotLook(`${folder} has no journal of Drizzle's`);
  return entries.map(({ when, tag }) => ({ when: Number(when), tag: String(tag) }));
}

export const migrations: Check = {
  id: "migrations",
  title: "migrations that this version has and the database has not",
  why: "pages ask for columns that are not there: 42703, 42P01",
  async look(examination) {
    const { migrations: folder } = examination.options;
    if (folder === undefined) throw new CannotLook("no folder is named", 'doctor.json: "migrations": "…"');
    const entries = entriesOf(folder);
    const last = await lastApplied(examination);
    const pending = entries.filter(({ when }) => when > last);
    if (pending.length > 0)
      return [
        wrong(
          `${pending.length} of ${entries.length} are pending: ${pending.map(({ tag }) => tag).join(", ")}`,
          "npm run db:migrate",
        ),
      ];
    if (last > Math.max(0, ...entries.map(({ when }) => when)))
      return [
        note(
          "the database has had a migration that this version does not know",
          "deploy the version that has it",
        ),
      ];
    return [ok(`all ${entries.length} are there`)];
  },
};

/** When the last one was made that the database has, as Drizzle notes it: 0 before the first. */
async function lastApplied(examination: Parameters<Check["look"]>[0]): Promise<number> {
  const there = await examination.ask<{ found: boolean }>(
    "select exists (select from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'drizzle' and relname = '__drizzle_migrations') as found",
  );
  if (!there[0]?.found) return 0;
  try {
    const [row] = await examination.ask<{ last: string | null }>(
      "select max(created_at) as last from drizzle.__drizzle_migrations",
    );
    return Number(row?.last ?? 0);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === "42501")) throw error;
    throw new CannotLook(
      `${examination.observer.user} may not read drizzle.__drizzle_migrations`,
      "give the owner's URL as DATABASE_URL_OWNER",
    );
  }
}
