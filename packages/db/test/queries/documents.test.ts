import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../client.ts";
import { searchChunks } from "../../queries/document-chunks.ts";
import { addDocument, findDocument, listDocuments } from "../../queries/documents.ts";
import { documentChunks, documents } from "../../schema/index.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { withServer } from "../support/template.ts";
import { AMELIA, COOPERS_QUAY, FOUNDRY, HARBOUR, NORTHGATE, ORCHARD_RISE } from "../support/tenants.ts";

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
  const found = await listDocuments(forTenant(HARBOUR), { developmentId: COOPERS_QUAY });
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
    chunkCount: 7,
  });
  expect(await listDocuments(forTenant(HARBOUR))).toHaveLength(14);
  expect(await listDocuments(forTenant(HARBOUR), { developmentId: FOUNDRY })).toEqual([]);
  expect(await listDocuments(forTenant(HARBOUR), { developmentId: "no-uuid" })).toEqual([]);
  expect(await listDocuments(db)).toEqual([]);
});

test("a document that was added is found whole, and by its words", async () => {
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
  const [best] = await searchChunks(harbour, {
    developmentId: COOPERS_QUAY,
    query: "may I barbecue?",
    limit: 3,
  });
  expect(best).toMatchObject({
    documentId: id,
    position: 1,
    heading: "Barbecues",
    documentTitle: "Roof garden",
  });
  await harbour.delete(documents).where(eq(documents.id, id));
});

test("another tenant's document, a made-up id and no tenant give nothing", async () => {
  const [one] = await listDocuments(forTenant(HARBOUR));
  expect(await findDocument(forTenant(HARBOUR), one?.id ?? "")).not.toBeNull();
  expect(await findDocument(forTenant(NORTHGATE), one?.id ?? "")).toBeNull();
  expect(await findDocument(forTenant(HARBOUR), "no-uuid")).toBeNull();
  expect(await findDocument(db, one?.id ?? "")).toBeNull();
});

test("a document of nobody's, an empty one, and one of thousands of parts are stored", async () => {
  const harbour = forTenant(HARBOUR);
  const parts = Array.from({ length: 17_000 }, (_, n) => `# Part ${n}\n\nText ${n}.`).join("\n\n");
  for (const [body, chunkCount] of [
    ["", 0],
    [parts, 17_000],
  ] as const) {
    const id = await addDocument(harbour, { ...upload, body, uploadedBy: null });
    const found = (await listDocuments(harbour)).find((document) => document.id === id);
    expect(found).toMatchObject({ chunkCount, byteSize: body.length, uploadedByName: null });
    await harbour.delete(documents).where(eq(documents.id, id));
  }
});

test("a document whose chunks cannot be stored is not stored at all", async () => {
  const harbour = forTenant(HARBOUR);
  const before = await harbour.select({ id: documents.id }).from(documents);
  expect(await outcomeOf(addDocument(harbour, { ...upload, developmentId: FOUNDRY }))).toBe("23503");
  const stranger = "00000000-0000-4000-8000-000000000000";
  expect(await outcomeOf(addDocument(harbour, { ...upload, uploadedBy: stranger }))).toBe("23503");
  expect(await outcomeOf(addDocument(harbour, { ...upload, body: "a\u0000b" }))).toBe("22021");
  const chunksTable = (change: string) =>
    withServer(database().superuserUrl, (server) => server.query(`alter table document_chunks ${change}`));
  await chunksTable("add constraint broken check (heading <> 'Barbecues')");
  expect(await outcomeOf(addDocument(harbour, upload))).toBe("23514");
  await chunksTable("drop constraint broken");
  const chunks = await harbour.select({ id: documentChunks.documentId }).from(documentChunks);
  const known = new Set(before.map(({ id }) => id));
  expect(chunks.every(({ id }) => known.has(id))).toBe(true);
  expect(await harbour.select({ id: documents.id }).from(documents)).toHaveLength(before.length);
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
  const listed = await listDocuments(harbour, { developmentId: COOPERS_QUAY });
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
