import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { searchChunks } from "../../src/queries/document-chunks.ts";
import {
  addDocument,
  findDocument,
  findDocuments,
  indexDocument,
  listDocuments,
  listDocumentsOfHome,
  listUnindexedDocuments,
} from "../../src/queries/documents.ts";
import { documentChunks, documents } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { withServer } from "../support/template.ts";
import {
  AMELIA,
  BETH,
  CALLUM,
  COOPERS_QUAY,
  FOUNDRY,
  HARBOUR,
  NORTHGATE,
  ORCHARD_RISE,
} from "../support/tenants.ts";

const database = usePortalDatabase();

const upload = {
  developmentId: COOPERS_QUAY,
  title: "Roof garden",
  fileName: "roof-garden.md",
  mediaType: "text/markdown",
  body: "# Roof garden\n\nThe roof garden is open from dawn.\n\n## Barbecues\n\nElectric ones only. Größe: 2 m².",
  uploadedBy: AMELIA,
} as const;

test("documents are listed newest first, without bodies, with counts and names", async () => {
  const listed = await listDocuments(forTenant(HARBOUR));
  const found = listed.filter(({ developmentId }) => developmentId === COOPERS_QUAY);
  expect(found.map(({ fileName }) => fileName)).toEqual([
    "broadband.md",
    "waste-collection.md",
    "parking-rules.md",
    "heating-heat-network.md",
    "snagging-guide.md",
    "warranties.md",
    "handover-guide.md",
  ]);
  expect(found[2]).toEqual({
    id: expect.any(String),
    title: "Parking at Cooper's Quay",
    fileName: "parking-rules.md",
    mediaType: "text/markdown",
    byteSize: expect.any(Number),
    createdAt: new Date("2026-01-09T09:00:00Z"),
    developmentId: COOPERS_QUAY,
    developmentName: "Cooper's Quay",
    uploadedByName: "Amelia Hart",
    indexedAt: expect.any(Date),
    indexingFails: false,
    chunkCount: 7,
  });
  expect(listed).toHaveLength(14);
  expect(await listDocumentsOfHome(forTenant(HARBOUR), CALLUM)).toEqual(
    found.map(({ id, title, createdAt }) => ({ id, title, createdAt })),
  );
  for (const nobody of [BETH, "no-uuid"])
    expect(await listDocumentsOfHome(forTenant(HARBOUR), nobody)).toEqual([]);
  expect(await listDocuments(db)).toEqual([]);
});

test("a document that was added is found whole, and by its words once it is indexed", async () => {
  const harbour = forTenant(HARBOUR);
  const id = await addDocument(harbour, upload);
  const { uploadedBy: _, ...stored } = upload;
  expect(await findDocument(harbour, id)).toEqual({
    id,
    ...stored,
    byteSize: Buffer.byteLength(upload.body),
    createdAt: expect.any(Date),
    developmentName: "Cooper's Quay",
  });
  const search = () =>
    searchChunks(harbour, { developmentId: COOPERS_QUAY, query: "may I barbecue?", limit: 3 });
  expect((await search()).map(({ documentId }) => documentId)).not.toContain(id);
  expect(await indexDocument(harbour, id)).toBe(2);
  const [best] = await search();
  expect(best).toMatchObject({
    documentId: id,
    position: 1,
    heading: "Barbecues",
    documentTitle: "Roof garden",
  });
  await beyondGrants().delete(documents).where(eq(documents.id, id));
});

test("another tenant's document, a made-up id and no tenant give nothing", async () => {
  const [one] = await listDocuments(forTenant(HARBOUR));
  expect(await findDocument(forTenant(HARBOUR), one?.id ?? "")).not.toBeNull();
  expect(await findDocument(forTenant(NORTHGATE), one?.id ?? "")).toBeNull();
  expect(await findDocument(forTenant(HARBOUR), "no-uuid")).toBeNull();
  expect(await findDocument(db, one?.id ?? "")).toBeNull();
});

test("a document of nobody's, an empty one, and one of thousands of parts are stored and indexed", async () => {
  const harbour = forTenant(HARBOUR);
  const parts = Array.from({ length: 17_000 }, (_, n) => `# Part ${n}\n\nText ${n}.`).join("\n\n");
  for (const [body, chunkCount] of [
    ["", 0],
    [parts, 17_000],
  ] as const) {
    const id = await addDocument(harbour, { ...upload, body, uploadedBy: null });
    expect(await indexDocument(harbour, id)).toBe(chunkCount);
    const found = (await listDocuments(harbour)).find((document) => document.id === id);
    expect(found).toMatchObject({ chunkCount, byteSize: body.length, uploadedByName: null });
    await beyondGrants().delete(documents).where(eq(documents.id, id));
  }
});

test("a document that cannot be stored is refused whole", async () => {
  const harbour = forTenant(HARBOUR);
  const before = await harbour.$count(documents);
  expect(await outcomeOf(addDocument(harbour, { ...upload, developmentId: FOUNDRY }))).toBe("23503");
  const stranger = "00000000-0000-4000-8000-000000000000";
  expect(await outcomeOf(addDocument(harbour, { ...upload, uploadedBy: stranger }))).toBe("23503");
  expect(await outcomeOf(addDocument(harbour, { ...upload, body: "a\u0000b" }))).toBe("22021");
  expect(await harbour.$count(documents)).toBe(before);
});

const chunksOf = (documentId: string) =>
  forTenant(HARBOUR)
    .select({ position: documentChunks.position, body: documentChunks.body })
    .from(documentChunks)
    .where(eq(documentChunks.documentId, documentId))
    .orderBy(documentChunks.position);

test("indexing it several times, at once too, leaves what indexing once leaves", async () => {
  const harbour = forTenant(HARBOUR);
  const [id, other] = [await addDocument(harbour, upload), await addDocument(harbour, upload)];
  await indexDocument(harbour, other);
  const once = await chunksOf(other);
  expect(once).toHaveLength(2);
  const index = () => indexDocument(harbour, id);
  expect(await Promise.all([index(), index(), index(), index()])).toEqual([2, 2, 2, 2]);
  expect(await chunksOf(id)).toEqual(once);
  for (const each of [id, other]) await beyondGrants().delete(documents).where(eq(documents.id, each));
});

test("indexing that fails midway leaves what was there before, and the document unindexed", async () => {
  const harbour = forTenant(HARBOUR);
  const id = await addDocument(harbour, upload);
  const chunksTable = (change: string) =>
    withServer(database().superuserUrl, (server) => server.query(`alter table document_chunks ${change}`));
  await chunksTable("add constraint broken check (heading <> 'Barbecues')");
  expect(await outcomeOf(indexDocument(harbour, id))).toBe("23514");
  await chunksTable("drop constraint broken");
  expect(await chunksOf(id)).toEqual([]);
  expect((await listDocuments(harbour)).find((document) => document.id === id)?.indexedAt).toBeNull();
  await beyondGrants().delete(documents).where(eq(documents.id, id));
});

test("what is gone, another tenant's or made up is not indexed, calmly", async () => {
  const id = await addDocument(forTenant(HARBOUR), upload);
  expect(await indexDocument(forTenant(NORTHGATE), id)).toBeNull();
  expect(await chunksOf(id)).toEqual([]);
  await beyondGrants().delete(documents).where(eq(documents.id, id));
  expect(await indexDocument(forTenant(HARBOUR), id)).toBeNull();
  expect(await indexDocument(forTenant(HARBOUR), "no-uuid")).toBeNull();
});

test("documents that wait for their index too long are listed, oldest first", async () => {
  const harbour = forTenant(HARBOUR);
  const before = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const add = (createdAt: Date) => addDocument(harbour, { ...upload, createdAt });
  const [recent, old, older] = [await add(before(1)), await add(before(10)), await add(before(20))];
  const list = (limit: number) => listUnindexedDocuments(harbour, { forMs: 5 * 60_000, limit });
  expect(await list(10)).toEqual([older, old]);
  expect(await list(1)).toEqual([older]);
  await indexDocument(harbour, older);
  expect(await list(10)).toEqual([old]);
  expect(await listUnindexedDocuments(forTenant(NORTHGATE), { forMs: 0, limit: 10 })).toEqual([]);
  for (const id of [recent, old, older]) await beyondGrants().delete(documents).where(eq(documents.id, id));
});

const QUESTIONS: [question: string, fileName: string, inIt: string][] = [
  ["How do I bleed a radiator?", "heating-heat-network.md", "bleed the radiator"],
  ["Which day is the food waste collected?", "waste-collection.md", "every week on Wednesday"],
  ["Where can my visitors park?", "parking-rules.md", "behind the crane"],
  ["How long is the structural warranty?", "warranties.md", "structural warranty"],
  ["When do I have to report a scratched worktop?", "snagging-guide.md", "within seven days"],
  ["Where is the fibre box?", "broadband.md", "in the hallway cupboard"],
];

test.each(QUESTIONS)("searching for %j finds the passage that answers it", async (query, fileName, inIt) => {
  const harbour = forTenant(HARBOUR);
  const found = await searchChunks(harbour, { developmentId: COOPERS_QUAY, query, limit: 3 });
  const listed = await listDocuments(harbour);
  const files = found.map(({ documentId }) => listed.find(({ id }) => id === documentId)?.fileName);
  expect(files).toContain(fileName);
  expect(found.map(({ body }) => body).join("\n")).toContain(inIt);
  expect(found.map(({ rank }) => rank)).toEqual(found.map(({ rank }) => rank).sort((a, b) => b - a));
});

test.each(["", "the", "zyzzyva", "'); -- & | ! <-> :* \\", "example.com/?zz=1&yy=2", "zz & | yy"])(
  "searching for %j finds nothing, and is no error",
  async (query) => {
    const found = await searchChunks(forTenant(HARBOUR), { developmentId: COOPERS_QUAY, query, limit: 3 });
    expect(found).toEqual([]);
  },
);

test("a search stays within its development and its tenant, and keeps to its limit", async () => {
  const search = (tenantId: string, developmentId: string) =>
    searchChunks(forTenant(tenantId), { developmentId, query: "heating", limit: 4 });
  const ours = await search(HARBOUR, COOPERS_QUAY);
  expect(ours).toHaveLength(4);
  const others = await search(HARBOUR, ORCHARD_RISE);
  expect(ours.some(({ documentId }) => others.some((other) => other.documentId === documentId))).toBe(false);
  expect(await search(NORTHGATE, COOPERS_QUAY)).toEqual([]);
  expect(await search(HARBOUR, "no-uuid")).toEqual([]);
});

test("documents come by pages, found by title, file or development, in the order that is asked for", async () => {
  const find = async (search: { text?: string; limit?: number; offset?: number }) => {
    const asked = { sort: "title", descending: false, limit: 2, offset: 0, ...search } as const;
    const { total, documents } = await findDocuments(forTenant(HARBOUR), asked);
    return [total, ...documents.map(({ title }) => title.replace(/ (?:at|for|in) .*/, ""))];
  };
  expect(await find({ text: "PARKING" })).toEqual([2, "Parking", "Parking"]);
  expect(await find({ text: "parking-rules.md", limit: 1 })).toEqual([2, "Parking"]);
  expect(await find({ text: "orchard", limit: 1, offset: 100 })).toEqual([0]);
  expect(await find({ text: "100%" })).toEqual([0]);
  expect((await find({}))[0]).toBeGreaterThan(2);
});
