import { asc, eq, inArray, relations, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import {
  bigint,
  boolean,
  date,
  integer,
  jsonb,
  numeric,
  pgSchema,
  pgTable,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";

const fixed = pgSchema("fixed");
const items = fixed.table("items", {
  id: integer().primaryKey(),
  n: integer(),
  big: bigint({ mode: "bigint" }),
  num: numeric(),
  t: text(),
  b: boolean(),
  u: uuid(),
  d: date({ mode: "date" }),
  ts: timestamp(),
  tz: timestamp({ withTimezone: true }),
  jb: jsonb(),
  ta: text().array(),
  m: text(),
});
const others = fixed.table("others", {
  id: integer().primaryKey(),
  itemId: integer("item_id"),
  note: text(),
});
const notes = pgTable("notes", { id: integer().primaryKey(), body: text(), n: integer(), at: timestamp() });
const prices = pgTable("prices", { id: integer().primaryKey(), v: text() });

export const drizzleSchema = {
  items,
  others,
  notes,
  prices,
  itemRelations: relations(items, ({ many }) => ({ others: many(others) })),
  otherRelations: relations(others, ({ one }) => ({
    item: one(items, { fields: [others.itemId], references: [items.id] }),
  })),
};

export type Database = Pick<
  NodePgDatabase<typeof drizzleSchema>,
  "select" | "insert" | "update" | "delete" | "execute" | "query" | "transaction"
>;

const TEXTS = ["a", "b", "it's", "", "longer"];

/** What is asked of Drizzle, by name; `seed` chooses the values. */
export const DRIZZLE_CALLS: Readonly<Record<string, (db: Database, seed: number) => PromiseLike<unknown>>> = {
  select: (db, seed) =>
    db
      .select()
      .from(items)
      .where(eq(items.id, seed % 4)),
  selectSome: (db, seed) =>
    db
      .select({ id: items.id, day: items.d, sum: sql<number>`${items.n} + ${seed % 3}` })
      .from(items)
      .orderBy(asc(items.id)),
  join: (db, seed) =>
    db
      .select()
      .from(items)
      .leftJoin(others, eq(others.itemId, items.id))
      .where(eq(items.id, seed % 4))
      .orderBy(asc(others.id)),
  inArray: (db, seed) =>
    db
      .select({ id: items.id })
      .from(items)
      .where(inArray(items.n, [seed % 3, 1]))
      .orderBy(asc(items.id)),
  relational: (db) =>
    db.query.items.findMany({ with: { others: { orderBy: asc(others.id) } }, orderBy: asc(items.id) }),
  first: (db, seed) => db.query.others.findFirst({ where: eq(others.id, seed % 4), with: { item: true } }),
  insert: (db, seed) =>
    db
      .insert(items)
      .values({ id: seed % 6, n: seed, t: TEXTS[seed % 5] ?? null, jb: [seed], ta: ["x"] })
      .returning(),
  upsert: (db, seed) =>
    db
      .insert(notes)
      .values({ id: seed % 5, body: "new", n: seed % 7 })
      .onConflictDoUpdate({ target: notes.id, set: { n: seed % 7 } })
      .returning(),
  update: (db, seed) =>
    db
      .update(items)
      .set({ tz: new Date(seed * 1e9), d: new Date(seed * 1e9) })
      .where(eq(items.id, seed % 4))
      .returning(),
  updatePrices: (db, seed) =>
    db
      .update(prices)
      .set({ v: TEXTS[seed % 5] ?? null })
      .where(eq(prices.id, seed % 3)),
  delete: (db, seed) =>
    db
      .delete(others)
      .where(eq(others.id, seed % 5))
      .returning(),
  notes: (db, seed) =>
    db
      .select()
      .from(notes)
      .where(eq(notes.n, seed % 4))
      .orderBy(asc(notes.id)),
  prices: (db, seed) =>
    db
      .select()
      .from(prices)
      .where(eq(prices.id, seed % 3)),
  prepared: (db, seed) =>
    db
      .select()
      .from(notes)
      .where(eq(notes.id, sql.placeholder("id")))
      .prepare("note_by_id")
      .execute({ id: seed % 5 }),
  preparedWrite: (db, seed) =>
    db
      .update(prices)
      .set({ v: sql`${sql.placeholder("v")}` as never })
      .where(eq(prices.id, sql.placeholder("id")))
      .prepare("price")
      .execute({ v: `v${seed % 9}`, id: seed % 3 }),
  badUuid: (db, seed) =>
    db
      .select()
      .from(items)
      .where(eq(items.u, seed % 2 ? "no uuid" : "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d31")),
  duplicate: (db, seed) => db.insert(items).values({ id: 1 + (seed % 2) }),
  present: (db) => db.execute(sql`select 'now'::timestamptz = now() as same, ${1}::int as one`),
  execute: (db, seed) => db.execute(sql`select * from notes where n = ${seed % 4} order by id`),
};
