import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db, forTenant, type TenantDatabase } from "../../src/client.ts";
import { replaceChunks } from "../../src/queries/document-chunks.ts";
import { searchDocuments } from "../../src/queries/document-search.ts";
import { addDocument, indexDocument } from "../../src/queries/documents.ts";
import { documents, documentTerms } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { withServer } from "../support/template.ts";
import { COOPERS_QUAY, FOUNDRY, HARBOUR, NORTHGATE, ORCHARD_RISE } from "../support/tenants.ts";

const database = usePortalDatabase();
const harbour = (): TenantDatabase => forTenant(HARBOUR);
const search = (
  query: string,
  { limit = 10, offset = 0, developmentId = COOPERS_QUAY, db = harbour() } = {},
) => searchDocuments(db, { developmentId, query, limit, offset });

async function add(title: string, body: string, developmentId = COOPERS_QUAY): Promise<string> {
  const file = { fileName: "a.md", mediaType: "text/markdown", uploadedBy: null } as const;
  const id = await addDocument(harbour(), { developmentId, title, body, ...file });
  await indexDocument(harbour(), id);
  return id;
}

test("passages come best first, with their words marked in plain text", async () => {
  const { results, ...rest } = await search("visitors parking");
  expect(rest).toEqual({ correctedQuery: null, missingWords: [], total: expect.any(Number) });
  const [best] = results;
  expect(best).toMatchObject({ title: "Parking at Cooper's Quay", heading: "Visitors", position: 3 });
  const marked = best?.highlights.map(([start, end]) => best.excerpt.slice(start, end).toLowerCase());
  expect(new Set(marked)).toEqual(new Set(["visitor", "visitors"]));
  expect(results.map(({ rank }) => rank)).toEqual(results.map(({ rank }) => rank).toSorted((a, b) => b - a));
});

test("a heading weighs more than the text, the title more than one mention, a rare word more than a frequent one", async () => {
  const ids = [
    await add("One", "The zebrawood is in the hall, and the hall is long."),
    await add("Two", "# Zebrawood\n\nIn the hall."),
    await add("About zebrawood", "In the hall."),
  ];
  const { results } = await search("zebrawood");
  expect(results.map(({ title }) => title)).toEqual(["Two", "About zebrawood", "One"]);
  // Warranties has home in its title and its text, zebrawood is mentioned, and no passage has both.
  const either = await search("home zebrawood", { limit: 2 });
  expect(either.results.map(({ title }) => title)).toEqual(["Two", "About zebrawood"]);
  for (const id of ids) await beyondGrants().delete(documents).where(eq(documents.id, id));
});

test("passages with all words hide those with some; where none has all, the most count", async () => {
  const all = await search("food waste");
  expect(all.results.every(({ excerpt, heading, title }) => /food/i.test(excerpt + heading + title))).toBe(
    true,
  );
  const some = await search("food waste radiator");
  expect(some.total).toBe(all.total);
  expect(some.missingWords).toEqual([]);
});

test("pages follow each other without gap or repetition, and the total is the same on each", async () => {
  const whole = await search("your home", { limit: 100 });
  expect(whole.total).toBe(whole.results.length);
  expect(whole.total).toBeGreaterThan(12);
  const paged = [];
  for (let offset = 0; offset < whole.total; offset += 5) {
    const page = await search("your home", { limit: 5, offset });
    expect(page.total).toBe(whole.total);
    paged.push(...page.results);
  }
  expect(paged).toEqual(whole.results);
  expect(await search("your home", { offset: 1_000 })).toMatchObject({ total: whole.total, results: [] });
});

const NOTHING = { correctedQuery: null, missingWords: [], total: 0, results: [] };

test.each(["", "   ", "the", "?!", "'); -- & | ! <-> :* \\", "'\\' | '"])(
  "searching for %j asks for nothing, and is no error",
  async (query) => {
    expect(await search(query)).toEqual(NOTHING);
  },
);

test("a search stays within its development and its tenant", async () => {
  const ours = await search("heating");
  const theirs = await search("heating", { developmentId: ORCHARD_RISE });
  const found = new Set(ours.results.map(({ documentId }) => documentId));
  expect(theirs.results.some(({ documentId }) => found.has(documentId))).toBe(false);
  for (const scope of [
    { db: forTenant(NORTHGATE) },
    { db },
    { developmentId: FOUNDRY },
    { developmentId: "no-uuid" },
  ]) {
    expect(await search("heating", scope)).toMatchObject({ total: 0, results: [] });
  }
  // Nor do the others' words correct ours.
  await add("Elsewhere", "The quixotical is only here.", ORCHARD_RISE);
  expect(await search("quixoticl")).toMatchObject({ correctedQuery: null, missingWords: ["quixoticl"] });
});

describe.each(["with pg_trgm", "without pg_trgm"])("%s", (server) => {
  const extension = (statement: string) =>
    withServer(database().superuserUrl, (client) => client.query(statement));
  beforeAll(async () => {
    if (server === "without pg_trgm") await extension("drop extension pg_trgm");
  });
  afterAll(async () => {
    if (server === "without pg_trgm") await extension("create extension pg_trgm");
  });

  test.each([
    ["raditor", "radiator"],
    ["Parkng permt", "parking permit"],
    ["waranty", "warranty"],
    ["what is recyclng", "what is recycling"],
    ["raditor presure", "radiator pressure"],
  ])("%j is understood as %j", async (query, meant) => {
    const corrected = await search(query);
    const { correctedQuery, total, results } = corrected;
    expect(correctedQuery?.toLowerCase()).toBe(meant);
    const right = await search(meant);
    expect({ total, results }).toEqual({ total: right.total, results: right.results });
    expect(total).toBeGreaterThan(0);
  });

  test("a word that is nothing like any other stays, and the rest is found", async () => {
    expect(await search("xylophonist")).toEqual({ ...NOTHING, missingWords: ["xylophonist"] });
    const { total } = await search("radiators");
    expect(await search("xylophonist radiators")).toMatchObject({
      correctedQuery: null,
      missingWords: ["xylophonist"],
      total,
    });
  });
});

test("a word is found with its hyphen and without, and in its other forms, as people type it", async () => {
  const found = async (query: string) => {
    const { correctedQuery, results } = await search(query);
    return { correctedQuery, first: results[0]?.excerpt };
  };
  expect(await found("wifi")).toEqual({ correctedQuery: "wi-fi", first: expect.stringContaining("Wi-Fi") });
  expect(await found("washerdryer")).toMatchObject({ correctedQuery: "washer-dryer" });
  const id = await add("Cycling", "An ebike may be charged in the store.");
  expect(await found("E-Bike charging")).toMatchObject({
    correctedQuery: "ebike charging",
    first: expect.stringContaining("ebike"),
  });
  await beyondGrants().delete(documents).where(eq(documents.id, id));
  for (const form of ["radiator", "radiators", "windows", "window"])
    expect(await found(form)).toMatchObject({ correctedQuery: null, first: expect.any(String) });
});

test("a word that no document has gives way to one that says the same, and to none where that is none's either", async () => {
  const sameMeaning = (word: string) => (word === "trash" ? ["dustcart", "rubbish"] : []);
  const wanted = { developmentId: COOPERS_QUAY, limit: 10, offset: 0, sameMeaning };
  const { total, ...found } = await searchDocuments(harbour(), { ...wanted, query: "Trash day" });
  expect(found).toMatchObject({ correctedQuery: "rubbish day", missingWords: ["trash"] });
  expect(total).toBe((await search("rubbish day")).total);
  const asTyped = await searchDocuments(harbour(), { ...wanted, query: "Trash", asTyped: true });
  expect(asTyped).toMatchObject({ correctedQuery: null, missingWords: ["trash"], total: 0 });
});

test("a short word is never changed into another that looks like it, and any can be searched for as it is typed", async () => {
  for (const short of ["bond", "boat", "wind", "fibr"])
    expect(await search(short), short).toMatchObject({ correctedQuery: null });
  expect(await search("raditor")).toMatchObject({ correctedQuery: expect.stringMatching(/^radiators?$/) });
  const asTyped = { developmentId: COOPERS_QUAY, query: "raditor", limit: 10, offset: 0, asTyped: true };
  expect(await searchDocuments(harbour(), asTyped)).toMatchObject({ correctedQuery: null, total: 0 });
});

test("words and terms go with the document they came from", async () => {
  const id = await add("Short-lived", "A bamboozling corridor.");
  expect(await search("bamboozlng")).toMatchObject({ correctedQuery: "bamboozling", total: 1 });
  await beyondGrants().delete(documents).where(eq(documents.id, id));
  expect(await harbour().select().from(documentTerms).where(eq(documentTerms.documentId, id))).toEqual([]);
  expect(await search("bamboozlng")).toMatchObject({ correctedQuery: null, total: 0 });
});

test("storing a document's chunks again changes nothing but what changed", async () => {
  const id = await add("Again", "# Banister\n\nOak.\n\n# Mantelpiece\n\nSlate.");
  const terms = () =>
    harbour()
      .select()
      .from(documentTerms)
      .where(eq(documentTerms.documentId, id))
      .orderBy(documentTerms.lexeme);
  const before = await terms();
  const store = (bodies: string[]) =>
    harbour().transaction((tx) =>
      replaceChunks(
        tx,
        id,
        bodies.map((body) => ({ heading: body.split(" ")[0] ?? null, body: body.split(" ")[1] ?? "" })),
      ),
    );
  await store(["Banister Oak.", "Mantelpiece Slate."]);
  await store(["Banister Oak.", "Mantelpiece Slate."]);
  expect(await terms()).toEqual(before);
  await store(["Banister Oak."]);
  expect(await search("mantelpiece")).toMatchObject({ total: 0 });
  expect(await search("banister")).toMatchObject({ total: 1 });
  await beyondGrants().delete(documents).where(eq(documents.id, id));
});

test("documents of one development that are indexed at once do not hold each other up for good", async () => {
  const word = (n: number) => `w${n}`.replace(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));
  const words = Array.from({ length: 4_000 }, (_, n) => word(n + 1_000));
  const ids = await Promise.all(
    Array.from({ length: 6 }, (_, n) => add(`At once ${n}`, (n % 2 ? words : words.toReversed()).join(" "))),
  );
  expect(await search(words[0] ?? "")).toMatchObject({ total: ids.length, missingWords: [] });
  for (const id of ids) await beyondGrants().delete(documents).where(eq(documents.id, id));
});
