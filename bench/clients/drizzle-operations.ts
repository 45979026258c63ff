import { and, asc, between, count, eq, gt, max, sql } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type { Operations } from "./client.ts";
import { homeOf, INSERTED, noteOf, PAGE, pageOf, tenantOf } from "./rows.ts";
import * as schema from "./tables.ts";

const { homes, keyed, notes, openNotes, signedNotes, signedVisits, tenantVisits, visits } = schema;

/** Tables of tenants, by how a policy knows the tenant. */
const PLAIN = { notes, visits: tenantVisits };
export const SIGNED = { notes: signedNotes, visits: signedVisits };
type TenantTables = typeof PLAIN | typeof SIGNED;

export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** The same code for every driver under Drizzle. */
export function drizzleOperations(db: Db) {
  const prepared = db
    .select()
    .from(homes)
    .where(eq(homes.id, sql.placeholder("id")))
    .prepare("home_by_id");
  const openNote = db
    .select()
    .from(openNotes)
    .where(and(eq(openNotes.tenantId, sql.placeholder("tenant")), eq(openNotes.id, sql.placeholder("id"))))
    .prepare("open_note");
  const asTenant = (n: number) => sql`select set_config('app.tenant_id', ${tenantOf(n)}, true)`;
  return {
    pointSelect: (n) =>
      db
        .select()
        .from(homes)
        .where(eq(homes.id, homeOf(n))),
    preparedSelect: (n) => prepared.execute({ id: homeOf(n) }),
    nested: (n) =>
      db.query.homes.findMany({
        where: between(homes.id, pageOf(n), pageOf(n) + PAGE - 1),
        with: { residents: true },
      }),
    insert: (n) =>
      db
        .insert(visits)
        .values({ homeId: homeOf(n), note: "rang twice" })
        .returning(),
    insertKey: async (n) => [await db.insert(keyed).values({ key: n, label: "a key" })],
    unscopedSelect: (n) =>
      db
        .select()
        .from(openNotes)
        .where(and(eq(openNotes.tenantId, tenantOf(n)), eq(openNotes.id, noteOf(n)))),
    scopedSelect: (n) =>
      db.transaction(async (tx) => {
        await tx.execute(asTenant(n));
        return readNote(tx, n);
      }),
    tenantTransaction: (n) =>
      db.transaction(async (tx) => {
        await tx.execute(asTenant(n));
        return fourStatements(tx, n);
      }),
    tenantPage: (n) =>
      db.transaction(async (tx) => {
        await tx.execute(asTenant(n));
        return oneByOne(pageQueries(tx, n));
      }),
    // A handle of a transaction is new each time: preparing saves the server's parsing, and none of the building.
    preparedScopedSelect: (n) =>
      db.transaction(async (tx) => {
        await tx.execute(asTenant(n));
        return tx
          .select()
          .from(notes)
          .where(eq(notes.id, sql.placeholder("id")))
          .prepare("note_by_id")
          .execute({ id: noteOf(n) });
      }),
    preparedUnscopedSelect: (n) => openNote.execute({ tenant: tenantOf(n), id: noteOf(n) }),
    insertOneByOne: (n) => oneByOne(insertsOf(db, n)),
    insertManyRows: (n) => db.insert(visits).values(visitsOf(n)).returning(),
  } satisfies Partial<Operations>;
}

/** @returns what the first one found. */
export async function oneByOne(
  queries: readonly PromiseLike<readonly unknown[]>[],
): Promise<readonly unknown[]> {
  let first: readonly unknown[] | undefined;
  for (const query of queries) {
    const rows = await query;
    first ??= rows;
  }
  return first ?? [];
}

/** Five queries of one page, which do not depend on each other; none runs before it is awaited. */
export function pageQueries(db: Db, n: number, { notes }: Pick<TenantTables, "notes"> = PLAIN) {
  const id = noteOf(n);
  const range = between(notes.id, id, id + 9);
  return [
    readNote(db, n, { notes }),
    db.select().from(notes).where(range),
    db.select({ n: count() }).from(notes).where(range),
    db
      .select({ id: notes.id, body: notes.body })
      .from(notes)
      .where(gt(notes.id, id))
      .orderBy(asc(notes.id))
      .limit(5),
    db
      .select({ at: max(notes.updatedAt) })
      .from(notes)
      .where(range),
  ] as const;
}

export const visitsOf = (n: number) =>
  Array.from({ length: INSERTED }, (_, each) => ({ homeId: homeOf(n + each), note: "rang twice" }));

/** A statement for each row; none runs before it is awaited. */
export const insertsOf = (db: Db, n: number) =>
  visitsOf(n).map((visit) => db.insert(visits).values(visit).returning());

/** One row, whose tenant the database decides. */
export function readNote(db: Db, n: number, { notes }: Pick<TenantTables, "notes"> = PLAIN) {
  return db
    .select()
    .from(notes)
    .where(eq(notes.id, noteOf(n)));
}

export async function fourStatements(
  tx: Db,
  n: number,
  tables: TenantTables = PLAIN,
): Promise<readonly unknown[]> {
  const { notes, visits } = tables;
  const found = await readNote(tx, n, tables);
  await tx
    .update(notes)
    .set({ updatedAt: sql`now()` })
    .where(eq(notes.id, noteOf(n)));
  await tx.insert(visits).values({ note: "rang twice" }).returning({ id: visits.id });
  await tx
    .select({ n: count() })
    .from(notes)
    .where(between(notes.id, noteOf(n), noteOf(n) + 9));
  return found;
}
