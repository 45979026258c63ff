import { and, asc, count, eq, exists, ilike, inArray, isNull, not, sql, sum } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, jsonb, pgTable, text, timestamp, union, uuid } from "drizzle-orm/pg-core";
import {
  DummyDriver,
  type Generated,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/postgres";
import pg from "pg";
import { expect, test } from "vitest";
import { leavesNothing } from "../src/sql/session-effect.ts";

const authors = pgTable("authors", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
  born: timestamp({ withTimezone: true }),
});
const books = pgTable("books", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  authorId: uuid().references(() => authors.id),
  title: text().notNull(),
  facts: jsonb(),
});
test("what Drizzle makes leaves nothing", () => {
  const db = drizzle({ client: new pg.Pool() });
  const names = db.$with("names").as(db.select({ name: authors.name }).from(authors));
  const counted = db
    .select({ authorId: books.authorId, n: count().as("n") })
    .from(books)
    .groupBy(books.authorId)
    .as("counted");
  const ranked = sql<number>`row_number() over (partition by ${books.authorId} order by ${books.title})`;
  const queries = [
    db
      .select()
      .from(authors)
      .where(and(eq(authors.name, "A"), isNull(authors.born)))
      .limit(1)
      .offset(2),
    db.selectDistinctOn([authors.name], { name: authors.name }).from(authors).orderBy(asc(authors.name)),
    db
      .select({ n: count(), total: sum(books.id), ranked })
      .from(books)
      .groupBy(books.authorId)
      .having(sql`count(*) > 1`),
    db
      .select()
      .from(authors)
      .leftJoin(books, eq(books.authorId, authors.id))
      .innerJoin(counted, eq(counted.authorId, authors.id)),
    db
      .select()
      .from(authors)
      .where(inArray(authors.id, db.select({ id: books.authorId }).from(books))),
    db
      .select()
      .from(authors)
      .where(not(exists(db.select().from(books).where(ilike(books.title, "%a%"))))),
    db.select().from(authors).for("update", { of: authors, skipLocked: true }),
    db.with(names).select().from(names),
    union(db.select({ x: authors.name }).from(authors), db.select({ x: books.title }).from(books)).orderBy(
      sql`1`,
    ),
    db
      .insert(authors)
      .values([{ name: "A" }, { name: "B", born: new Date() }])
      .returning(),
    db
      .insert(books)
      .values({ title: "T", facts: {} })
      .onConflictDoUpdate({ target: books.id, set: { title: sql`excluded.title` } }),
    db
      .insert(books)
      .values({ title: "T" })
      .onConflictDoNothing({ target: [books.id], where: sql`${books.id} > 1` }),
    db.insert(books).overridingSystemValue().select(db.select().from(books)),
    db
      .with(names)
      .update(authors)
      .set({ name: sql`upper(${authors.name})`, born: sql`now()` })
      .from(books)
      .returning(),
    db.delete(authors).where(eq(authors.name, "A")).returning({ id: authors.id }),
  ];
  const texts = queries.map((query) => query.toSQL().sql);
  expect(texts.filter((text) => !leavesNothing(text))).toEqual([]);
});

interface Tables {
  authors: { id: Generated<string>; name: string; born: Date | null };
  books: { id: Generated<number>; author_id: string; title: string };
}

test("what Kysely makes leaves nothing", () => {
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const queries = [
    db
      .selectFrom("authors")
      .selectAll()
      .where("name", "in", ["A", "B"])
      .orderBy("name", "desc")
      .limit(3)
      .offset(1),
    db
      .selectFrom("authors")
      .distinctOn("name")
      .select(({ fn, val, eb }) => [
        fn.coalesce("name", val("x")).as("name"),
        eb.case().when("born", "is", null).then(1).else(2).end().as("kind"),
      ]),
    db
      .selectFrom("books")
      .select(({ fn }) => [
        fn.countAll().as("n"),
        fn.max("id").filterWhere("title", "=", "T").as("last"),
        fn
          .agg<number>("row_number")
          .over((over) => over.partitionBy("author_id").orderBy("title"))
          .as("row"),
      ])
      .groupBy("author_id")
      .having(({ fn }) => fn.count("id"), ">", 1),
    db
      .selectFrom("authors")
      .select((eb) => [
        jsonArrayFrom(
          eb.selectFrom("books").select("title").whereRef("books.author_id", "=", "authors.id"),
        ).as("books"),
        jsonObjectFrom(eb.selectFrom("books").select("title").limit(1)).as("first"),
      ]),
    db
      .selectFrom("authors")
      .leftJoinLateral(
        (eb) => eb.selectFrom("books").select("title").as("b"),
        (on) => on.onTrue(),
      )
      .selectAll(),
    db
      .selectFrom("authors")
      .where(({ exists, selectFrom }) => exists(selectFrom("books").select("id")))
      .selectAll()
      .forUpdate()
      .skipLocked(),
    db.selectFrom("authors").select("name").union(db.selectFrom("books").select("title as name")),
    db
      .with("x", (eb) => eb.deleteFrom("books").returning("id"))
      .selectFrom("x")
      .selectAll(),
    db
      .withRecursive("x(n)", (eb) =>
        eb.selectFrom("books").select("id as n").unionAll(eb.selectFrom("x").select("n")),
      )
      .selectFrom("x")
      .selectAll(),
    db
      .with(
        (cte) => cte("x").materialized(),
        (eb) => eb.selectFrom("books").selectAll(),
      )
      .selectFrom("x")
      .selectAll(),
    db
      .insertInto("authors")
      .values([{ name: "A" }, { name: "B", born: new Date() }])
      .returningAll(),
    db
      .insertInto("books")
      .columns(["title", "author_id"])
      .expression((eb) => eb.selectFrom("authors").select(["name", "id"])),
    db
      .insertInto("authors")
      .values({ name: "A" })
      .onConflict((conflict) => conflict.column("id").where("name", "=", "x").doUpdateSet({ name: "B" })),
    db
      .insertInto("authors")
      .defaultValues()
      .onConflict((conflict) => conflict.doNothing()),
    db
      .updateTable("books")
      .from("authors")
      .set((eb) => ({ title: eb.ref("authors.name") }))
      .whereRef("authors.id", "=", "author_id")
      .returning("books.id"),
    db.deleteFrom("books").using("authors").whereRef("authors.id", "=", "author_id"),
    db
      .mergeInto("books")
      .using("authors", "authors.id", "books.author_id")
      .whenMatched()
      .thenUpdateSet({ title: "T" })
      .whenNotMatched()
      .thenInsertValues(({ ref }) => ({ title: ref("authors.name"), author_id: ref("authors.id") })),
    db
      .selectFrom("authors")
      .selectAll()
      .where((eb) =>
        eb.and([
          eb.or([eb("name", "ilike", "a%"), eb.not(eb("name", "=", "b"))]),
          eb.between("name", "a", "b"),
        ]),
      ),
  ];
  const texts = queries.map((query) => query.compile().sql);
  expect(texts.filter((text) => !leavesNothing(text))).toEqual([]);
});
