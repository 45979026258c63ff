import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { findDevelopment, listDevelopments } from "../../src/queries/developments.ts";
import { addDocument, indexDocument, listDocuments } from "../../src/queries/documents.ts";
import { developments, documentChunks, homeowners, units } from "../../src/schema/index.ts";
import { openThread } from "../support/conversation.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { COOPERS_QUAY, FOUNDRY, HARBOUR, NORTHGATE, PRIYA, SALTMARSH_LANE } from "../support/tenants.ts";

usePortalDatabase();

test("developments come by name with their counts, none of which multiplies another", async () => {
  const harbour = forTenant(HARBOUR);
  await openThread(harbour, PRIYA, "Radiators");
  await openThread(harbour, PRIYA, "Bins");
  const found = await listDevelopments(harbour);
  expect(found.map(({ id: _, address: __, ...rest }) => rest)).toEqual([
    {
      name: "Cooper's Quay",
      stage: "completed",
      unitCount: 6,
      homeownerCount: 6,
      documentCount: 7,
      threadCount: 2,
    },
    {
      name: "Orchard Rise",
      stage: "building",
      unitCount: 5,
      homeownerCount: 4,
      documentCount: 7,
      threadCount: 0,
    },
    {
      name: "Saltmarsh Lane",
      stage: "planning",
      unitCount: 0,
      homeownerCount: 0,
      documentCount: 0,
      threadCount: 0,
    },
  ]);
  expect(found[0]).toMatchObject({ id: COOPERS_QUAY, address: expect.stringContaining("Bristol") });
});

test("a tenant lists its own, nobody lists nothing", async () => {
  const names = (await listDevelopments(forTenant(NORTHGATE))).map(({ name }) => name);
  expect(names).toEqual(["Beacon Fields", "Millrace Gardens", "The Foundry"]);
  expect(await listDevelopments(db)).toEqual([]);
});

test("a development is found by its id, by its own tenant", async () => {
  expect(await findDevelopment(forTenant(HARBOUR), COOPERS_QUAY)).toEqual({
    id: COOPERS_QUAY,
    name: "Cooper's Quay",
    address: "Cooper's Quay, Redcliffe Wharf, Bristol BS1 6QF",
    stage: "completed",
    createdAt: new Date("2026-01-05T09:00:00Z"),
    archivedAt: null,
  });
  expect(await findDevelopment(forTenant(HARBOUR), FOUNDRY)).toBeNull();
  expect(await findDevelopment(forTenant(HARBOUR), "no-uuid")).toBeNull();
});

test("deleting a development takes units and documents along, unless somebody lives there", async () => {
  const harbour = forTenant(HARBOUR);
  const remove = (id: string) => beyondGrants().delete(developments).where(eq(developments.id, id));
  expect(await outcomeOf(remove(COOPERS_QUAY))).toMatch(/^23(503|001)$/);

  await harbour.insert(units).values({
    developmentId: SALTMARSH_LANE,
    label: "Plot 1",
    kind: "House",
    bedrooms: 2,
    floorAreaM2: 70,
  });
  const documentId = await addDocument(harbour, {
    developmentId: SALTMARSH_LANE,
    title: "Plans",
    fileName: "plans.txt",
    mediaType: "text/plain",
    body: "Drawings.",
    uploadedBy: null,
  });
  expect(await indexDocument(harbour, documentId)).toBe(1);
  expect(await outcomeOf(remove(SALTMARSH_LANE))).toBe("done");
  expect((await listDocuments(harbour)).filter((each) => each.developmentId === SALTMARSH_LANE)).toEqual([]);
  expect(
    await beyondGrants().select().from(documentChunks).where(eq(documentChunks.documentId, documentId)),
  ).toEqual([]);
  expect(await harbour.select().from(homeowners)).toHaveLength(10);
});
