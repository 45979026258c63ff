import { and, between, count, eq, sql } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type { Operations } from "./client.ts";
import { homeOf, noteOf, PAGE, pageOf, tenantOf } from "./rows.ts";
import * as schema from "./tables.ts";

const { homes, keyed, notes, openNotes, signedNotes, signedVisits, tenantVisits, visits } = schema;

/** Tables of tenants, by how a policy knows the tenant. */
const PLAIN = { notes, visits: tenantVisits };
export const SIGNED = { notes: signedNotes, visits: signedVisits };
type TenantTables = typeof PLAIN | typeof SIGNED;

export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** The same code for every driver under Drizzle. */
export function drizzleOperations(db: Db): Omit<Operations, "signedSelect" | "signedTransaction"> {
  const prepared = db
    .select()
    .from(homes)
    .where(eq(homes.id, sql.placeholder("id")))
    .prepare("home_by_id");
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
  };
}

/** One row, whose tenant the database decides. */
export function readNote(db: Db, n: number, { notes }: TenantTables = PLAIN) {
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
