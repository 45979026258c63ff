import { type Generated, Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import type { ClientOptions, OpenClient } from "./client.ts";
import { openPgPool } from "./connection.ts";
import { homeOf, INSERTED, noteOf, PAGE, pageOf, tenantOf } from "./rows.ts";

interface Note {
  tenant_id: Generated<string>;
  id: number;
  body: string;
  updated_at: Date;
}

interface Tables {
  homes: { id: number; label: string; kind: string; bedrooms: number; floor_area: number; handover_at: Date };
  residents: { id: number; home_id: number; name: string; email: string };
  visits: { id: Generated<number>; home_id: number; note: string; at: Generated<Date> };
  keyed: { key: number; label: string };
  notes: Note;
  open_notes: Note;
  tenant_visits: { tenant_id: Generated<string>; id: Generated<number>; note: string };
}

const HOME = ["id", "label", "kind", "bedrooms", "floor_area", "handover_at"] as const;
const NOTE = ["tenant_id", "id", "body", "updated_at"] as const;

export async function open({ url, max }: ClientOptions): Promise<OpenClient> {
  const pool = openPgPool({ url, max });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const asTenant = <T>(n: number, work: (tx: Transaction<Tables>) => Promise<T>) =>
    db.transaction().execute(async (tx) => {
      await sql`select set_config('app.tenant_id', ${tenantOf(n)}, true)`.execute(tx);
      return work(tx);
    });
  const readNote = (tx: Transaction<Tables>, n: number) =>
    tx.selectFrom("notes").select(NOTE).where("id", "=", noteOf(n)).execute();

  return {
    operations: {
      pointSelect: (n) => db.selectFrom("homes").select(HOME).where("id", "=", homeOf(n)).execute(),
      nested: (n) =>
        db
          .selectFrom("homes")
          .select(HOME)
          .select((home) =>
            jsonArrayFrom(
              home
                .selectFrom("residents")
                .select(["id", "home_id", "name", "email"])
                .whereRef("home_id", "=", "homes.id"),
            ).as("residents"),
          )
          .where((home) => home.between("id", pageOf(n), pageOf(n) + PAGE - 1))
          .execute(),
      insert: (n) =>
        db
          .insertInto("visits")
          .values({ home_id: homeOf(n), note: "rang twice" })
          .returning(["id", "home_id", "note", "at"])
          .execute(),
      insertKey: (n) => db.insertInto("keyed").values({ key: n, label: "a key" }).execute(),
      unscopedSelect: (n) =>
        db
          .selectFrom("open_notes")
          .select(NOTE)
          .where("tenant_id", "=", tenantOf(n))
          .where("id", "=", noteOf(n))
          .execute(),
      scopedSelect: (n) => asTenant(n, (tx) => readNote(tx, n)),
      tenantTransaction: (n) =>
        asTenant(n, async (tx) => {
          const found = await readNote(tx, n);
          await tx.updateTable("notes").set({ updated_at: sql`now()` }).where("id", "=", noteOf(n)).execute();
          await tx.insertInto("tenant_visits").values({ note: "rang twice" }).returning("id").execute();
          await tx
            .selectFrom("notes")
            .select((note) => note.fn.countAll().as("n"))
            .where((note) => note.between("id", noteOf(n), noteOf(n) + 9))
            .execute();
          return found;
        }),
      tenantPage: (n) =>
        asTenant(n, async (tx) => {
          const [first, last] = [noteOf(n), noteOf(n) + 9];
          const found = await readNote(tx, n);
          const range = tx.selectFrom("notes").where("id", ">=", first).where("id", "<=", last);
          await range.select(NOTE).execute();
          await range.select((note) => note.fn.countAll().as("n")).execute();
          await tx
            .selectFrom("notes")
            .select(["id", "body"])
            .where("id", ">", first)
            .orderBy("id")
            .limit(5)
            .execute();
          await range.select((note) => note.fn.max("updated_at").as("at")).execute();
          return found;
        }),
      insertManyRows: (n) =>
        db
          .insertInto("visits")
          .values(
            Array.from({ length: INSERTED }, (_, each) => ({
              home_id: homeOf(n + each),
              note: "rang twice",
            })),
          )
          .returning(["id", "home_id", "note", "at"])
          .execute(),
    },
    close: () => db.destroy(),
  };
}
