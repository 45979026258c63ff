import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { listActivity } from "../../src/queries/activity.ts";
import { archive, restore } from "../../src/queries/archive.ts";
import { deleteSpentDocuments } from "../../src/queries/clean-up.ts";
import { addDevelopment, changeDevelopment } from "../../src/queries/development-changes.ts";
import {
  countArchivedDevelopments,
  findDevelopment,
  listArchivedDevelopments,
  listDevelopments,
} from "../../src/queries/developments.ts";
import { findTenantByOnboardingCode } from "../../src/queries/directory.ts";
import {
  changeDocument,
  deleteDocument,
  listDeletedDocuments,
  replaceDocument,
  restoreDocument,
  uploadDocument,
} from "../../src/queries/document-changes.ts";
import { searchDocuments } from "../../src/queries/document-search.ts";
import {
  findDocument,
  findDocumentPage,
  findDocuments,
  findSuccessor,
  indexDocument,
  listUnindexedDocuments,
} from "../../src/queries/documents.ts";
import { importHomes } from "../../src/queries/home-import.ts";
import { addHomeowner, changeHomeowner, removeHomeowner } from "../../src/queries/homeowner-changes.ts";
import { findHome } from "../../src/queries/homeowners.ts";
import { countHomeAccess } from "../../src/queries/homes.ts";
import { issueOnboardingCode } from "../../src/queries/onboarding-codes.ts";
import { createSession, findActiveSession } from "../../src/queries/sessions.ts";
import { addUnit, changeUnit } from "../../src/queries/unit-changes.ts";
import { countUnits, findUnit, findUnitPage, listOpenCodes } from "../../src/queries/units.ts";
import { chatThreads } from "../../src/schema/index.ts";
import { openThread } from "../support/conversation.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { AMELIA, BETH, COOPERS_QUAY, FOUNDRY, HARBOUR, NORTHGATE } from "../support/tenants.ts";

usePortalDatabase();

const harbour = () => forTenant(HARBOUR);
const SITE = { name: "Mill Lane", address: "2 Mill Lane, Bath", stage: "planning" } as const;
const UNIT = { label: "Plot 1", kind: "House", bedrooms: 3, floorAreaM2: 90.5, handoverOn: null };

const addSite = (name = "Mill Lane") => addDevelopment(harbour(), AMELIA, { ...SITE, name });
async function addHome(developmentId: string, label = "Plot 1") {
  const unit = await addUnit(harbour(), AMELIA, { ...UNIT, developmentId, label });
  if (unit === null || unit === "taken") throw new Error(String(unit));
  const person = await addHomeowner(harbour(), AMELIA, {
    unitId: unit.id,
    name: "Nora",
    email: "Nora@Example.com",
  });
  if (person === null || person === "taken") throw new Error(String(person));
  const code = await issueOnboardingCode(harbour(), { homeownerId: person.id, validForMs: 60_000 });
  const sessionId = await createSession(harbour(), {
    homeownerId: person.id,
    expiresAt: new Date(Date.now() + 60_000),
  });
  return { unitId: unit.id, homeownerId: person.id, code, sessionId };
}
const isIn = async (sessionId: string) => (await findActiveSession(harbour(), sessionId)) !== null;
const latest = async () => (await listActivity(harbour(), { limit: 1 })).entries[0];

test("a development is made and changed, and both are noted with who did it", async () => {
  const id = await addSite();
  expect(await findDevelopment(harbour(), id)).toMatchObject({ ...SITE, archivedAt: null });
  expect(await latest()).toMatchObject({
    staffName: "Amelia Hart",
    kind: "development.created",
    about: "Mill Lane",
  });
  expect(await changeDevelopment(harbour(), AMELIA, { id, ...SITE, stage: "building" })).toBe(true);
  expect(await findDevelopment(harbour(), id)).toMatchObject({ stage: "building" });
  expect(await latest()).toMatchObject({ kind: "development.changed" });
});

test("nobody changes, archives or fills another company's development", async () => {
  expect(await changeDevelopment(harbour(), AMELIA, { id: FOUNDRY, ...SITE })).toBe(false);
  expect(await archive(harbour(), AMELIA, { developmentId: FOUNDRY, closes: true })).toBeNull();
  expect(await restore(harbour(), AMELIA, { developmentId: FOUNDRY })).toBe(false);
  expect(await addUnit(harbour(), AMELIA, { ...UNIT, developmentId: FOUNDRY })).toBeNull();
  expect(await importHomes(harbour(), AMELIA, { developmentId: FOUNDRY, homes: [] })).toBeNull();
  expect(await removeHomeowner(harbour(), AMELIA, BETH)).toBeNull();
  expect(await findHome(forTenant(NORTHGATE), BETH)).not.toBeNull();
  expect(await addSiteAsStranger()).toBe("23503");
});

/** By a member of staff of somebody else. */
const addSiteAsStranger = () => outcomeOf(addDevelopment(forTenant(NORTHGATE), AMELIA, SITE));

test("an archived development is in no list, and comes back with all that was in it", async () => {
  const id = await addSite("Canal Street");
  const { sessionId } = await addHome(id);
  expect(await archive(harbour(), AMELIA, { developmentId: id, closes: false })).toEqual([]);
  expect(await archive(harbour(), AMELIA, { developmentId: id, closes: false })).toBeNull();
  const names = async (list: typeof listDevelopments) => (await list(harbour())).map(({ name }) => name);
  expect(await names(listDevelopments)).not.toContain("Canal Street");
  expect(await names(listArchivedDevelopments)).toEqual(["Canal Street"]);
  expect(await countArchivedDevelopments(harbour())).toBe(1);
  // Homeowners notice nothing.
  expect(await isIn(sessionId)).toBe(true);
  expect(await restore(harbour(), AMELIA, { developmentId: id })).toBe(true);
  expect(await listDevelopments(harbour())).toContainEqual(
    expect.objectContaining({ name: "Canal Street", unitCount: 1, homeownerCount: 1 }),
  );
});

test("documents of an archived development are in no list of the staff", async () => {
  const search = { text: "", sort: "title", descending: false, limit: 100, offset: 0 } as const;
  const quay = (await listDevelopments(harbour())).find(({ name }) => name === "Cooper's Quay");
  const before = await findDocuments(harbour(), search);
  await archive(harbour(), AMELIA, { developmentId: quay?.id ?? "", closes: false });
  const after = await findDocuments(harbour(), search);
  await restore(harbour(), AMELIA, { developmentId: quay?.id ?? "" });
  expect(before.total - after.total).toBe(quay?.documentCount);
});

test("closing homes signs their homeowners out and withdraws their codes, and nobody else's", async () => {
  const id = await addSite("Closing Row");
  const [one, other] = [await addHome(id, "Plot 1"), await addHome(id, "Plot 2")];
  expect(await countHomeAccess(harbour(), { developmentId: id })).toEqual({
    devices: 2,
    openCodes: 2,
    byLink: 0,
  });
  expect(await archive(harbour(), AMELIA, { unitId: one.unitId, closes: true })).toEqual([
    { homeownerId: one.homeownerId, sessionIds: [one.sessionId], codeWithdrawn: true },
  ]);
  expect([await isIn(one.sessionId), await isIn(other.sessionId)]).toEqual([false, true]);
  expect(await countHomeAccess(harbour(), { unitId: other.unitId })).toEqual({
    devices: 1,
    openCodes: 1,
    byLink: 0,
  });
  const closed = await archive(harbour(), AMELIA, { developmentId: id, closes: true });
  expect(closed?.map(({ homeownerId }) => homeownerId)).toEqual([other.homeownerId]);
  expect(await countHomeAccess(harbour(), { developmentId: id })).toEqual({
    devices: 0,
    openCodes: 0,
    byLink: 0,
  });
});

test("a home that was opened can be closed though nobody is signed in: its homeowner would be sent a link", async () => {
  const id = await addSite("Leaving Row");
  const { unitId, homeownerId, sessionId } = await addHome(id, "Plot 1");
  await beyondGrants().execute(
    sql`update onboarding_codes set used_at = now() where homeowner_id = ${homeownerId}`,
  );
  await beyondGrants().execute(sql`update sessions set revoked_at = now() where id = ${sessionId}`);
  expect(await countHomeAccess(harbour(), { unitId })).toEqual({ devices: 0, openCodes: 0, byLink: 1 });
  await archive(harbour(), AMELIA, { unitId, closes: true });
  expect(await countHomeAccess(harbour(), { unitId })).toEqual({ devices: 0, openCodes: 0, byLink: 0 });
});

test("an archived unit is counted and listed apart, and its code is not printed", async () => {
  const id = await addSite("Apart Row");
  const { unitId } = await addHome(id, "Plot 1");
  await addHome(id, "Plot 2");
  await archive(harbour(), AMELIA, { unitId: unitId, closes: false });
  expect(await countUnits(harbour(), id)).toEqual({ units: 1, homeowners: 1, openCodes: 1, archived: 1 });
  const page = (archived: boolean) => findUnitPage(harbour(), { developmentId: id, archived, limit: 9 });
  expect((await page(true)).ids).toEqual([unitId]);
  expect((await page(false)).ids).not.toContain(unitId);
  expect(await listOpenCodes(harbour(), { developmentId: id, limit: 9, offset: 0 })).toHaveLength(1);
  expect(await restore(harbour(), AMELIA, { unitId: unitId })).toBe(true);
  expect((await page(false)).ids).toHaveLength(2);
});

test("a label and an e-mail address are there once, and the second is told", async () => {
  const id = await addSite("Once Row");
  const { unitId, homeownerId } = await addHome(id, "Plot 1");
  const second = await addHome(id, "Plot 2");
  expect(await addUnit(harbour(), AMELIA, { ...UNIT, developmentId: id })).toBe("taken");
  expect(await changeUnit(harbour(), AMELIA, { ...UNIT, id: second.unitId })).toBe("taken");
  const nora = { name: "Nora", email: "NORA@example.com" };
  expect(await addHomeowner(harbour(), AMELIA, { unitId, ...nora })).toBe("taken");
  expect(await changeHomeowner(harbour(), AMELIA, { id: homeownerId, ...nora, name: "Nora F." })).toEqual({
    codeWithdrawn: false,
  });
  expect(await findUnit(harbour(), { developmentId: id, unitId })).toMatchObject({
    homeowners: [{ name: "Nora F.", email: "nora@example.com" }],
  });
});

test("a removed homeowner is gone with sessions, codes and conversations, and the log does not name them", async () => {
  const id = await addSite("Gone Row");
  const { homeownerId, code, sessionId } = await addHome(id);
  await openThread(harbour(), homeownerId, "Bins");
  expect(await findTenantByOnboardingCode(db, code)).toBe(HARBOUR);
  expect(await removeHomeowner(harbour(), AMELIA, homeownerId)).toEqual([sessionId]);
  expect(await isIn(sessionId)).toBe(false);
  expect(await findHome(harbour(), homeownerId)).toBeNull();
  expect(await findTenantByOnboardingCode(db, code)).toBeNull();
  expect(await harbour().select().from(chatThreads).where(eq(chatThreads.homeownerId, homeownerId))).toEqual(
    [],
  );
  expect(await latest()).toMatchObject({ kind: "homeowner.removed", about: "Plot 1, Gone Row" });
  expect(await removeHomeowner(harbour(), AMELIA, homeownerId)).toBeNull();
});

test("a list is imported whole, and the same list again adds nothing", async () => {
  const developmentId = await addSite("Import Row");
  const person = (n: number) => ({ name: `Person ${n}`, email: `p${n}@example.com` });
  const homes = [1, 2].map((n) => ({
    ...UNIT,
    label: `Plot ${n}`,
    handoverOn: "2026-11-21",
    homeowners: n === 1 ? [person(1), person(2)] : [],
  }));
  const run = (list: typeof homes) => importHomes(harbour(), AMELIA, { developmentId, homes: list });
  expect(await run(homes)).toEqual({ units: 2, homeowners: 2 });
  expect(await latest()).toMatchObject({
    kind: "units.imported",
    about: "2 units and 2 homeowners, Import Row",
  });
  expect(await run(homes)).toEqual({ units: 0, homeowners: 0 });
  const bad = homes.map((home) => ({ ...home, label: `New ${home.label}`, handoverOn: "no day" }));
  expect(await outcomeOf(run(bad))).toMatch(/^22/);
  expect(await countUnits(harbour(), developmentId)).toMatchObject({ units: 2, homeowners: 2 });
});

const SEARCH = { text: "Boiler", sort: "title", descending: false, limit: 9, offset: 0 } as const;
const titles = async () => (await findDocuments(harbour(), SEARCH)).documents.map(({ title }) => title);
const found = async (developmentId: string) =>
  (await searchDocuments(harbour(), { developmentId, query: "vaillant", limit: 9, offset: 0 })).results.map(
    ({ title }) => title,
  );

async function addBoiler(developmentId: string) {
  const id = await uploadDocument(harbour(), AMELIA, {
    developmentId,
    title: "Boiler",
    fileName: "boiler.txt",
    mediaType: "text/plain",
    body: "The Vaillant boiler is in the kitchen.",
  });
  await indexDocument(harbour(), id);
  return id;
}

test("a deleted document is out of every list, page and search, and comes back", async () => {
  const site = await addSite("Paper Row");
  const id = await addBoiler(site);
  expect([await titles(), await found(site)]).toEqual([["Boiler"], ["Boiler"]]);
  expect(await deleteDocument(harbour(), AMELIA, id)).toBe(true);
  expect([await titles(), await found(site)]).toEqual([[], []]);
  expect(await findDocument(harbour(), id)).toBeNull();
  expect(await findDocumentPage(harbour(), id, { page: 1 })).toBeNull();
  // An event that was still under way, or the sweep, brings nothing of it back.
  expect(await indexDocument(harbour(), id)).toBeNull();
  expect(await listUnindexedDocuments(harbour(), { forMs: -60_000, limit: 99 })).not.toContain(id);
  expect(await deleteDocument(harbour(), AMELIA, id)).toBe(false);
  expect(await listDeletedDocuments(harbour())).toMatchObject([{ id, title: "Boiler" }]);
  expect(await listDeletedDocuments(forTenant(NORTHGATE))).toEqual([]);
  expect(await restoreDocument(harbour(), AMELIA, id)).toBe(true);
  expect(await restoreDocument(harbour(), AMELIA, id)).toBe(false);
  await indexDocument(harbour(), id);
  expect([await titles(), await found(site)]).toEqual([["Boiler"], ["Boiler"]]);
});

test("a document that is moved is found by the new development's homeowners alone", async () => {
  const [from, to] = [await addSite("From Row"), await addSite("To Row")];
  const id = await addBoiler(from);
  expect(await changeDocument(harbour(), AMELIA, { id, title: "Boiler, moved", developmentId: to })).toBe(
    true,
  );
  expect([await found(from), await found(to)]).toEqual([[], []]);
  await indexDocument(harbour(), id);
  expect([await found(from), await found(to)]).toEqual([[], ["Boiler, moved"]]);
  expect(await changeDocument(harbour(), AMELIA, { id, title: "B", developmentId: FOUNDRY })).toBe(false);
});

test("a replaced document keeps its title and development, and the one before can be brought back", async () => {
  const site = await addSite("Replace Row");
  const id = await addBoiler(site);
  const text = { fileName: "new.md", mediaType: "text/markdown", body: "# Worcester" } as const;
  const newId = await replaceDocument(harbour(), AMELIA, id, text);
  expect(await findDocument(harbour(), newId ?? "")).toMatchObject({
    title: "Boiler",
    developmentId: site,
    ...text,
  });
  expect(await findDocument(harbour(), id)).toBeNull();
  expect(await restoreDocument(harbour(), AMELIA, id)).toBe(true);
  expect(await replaceDocument(harbour(), AMELIA, COOPERS_QUAY, text)).toBeNull();
});

test("what leads to a replaced document leads on to the one in its place, also once its text is deleted for good", async () => {
  const site = await addSite("Chain Row");
  const first = await addBoiler(site);
  const text = { fileName: "new.md", mediaType: "text/markdown", body: "# New" } as const;
  const second = (await replaceDocument(harbour(), AMELIA, first, text)) ?? "";
  const third = (await replaceDocument(harbour(), AMELIA, second, text)) ?? "";
  const from = async (id: string) => (await findSuccessor(harbour(), id))?.id ?? null;
  expect(await findSuccessor(harbour(), first)).toEqual({ id: third, developmentId: site });
  expect([await from(second), await from(third)]).toEqual([third, null]);
  expect(await findSuccessor(forTenant(NORTHGATE), first)).toBeNull();

  await beyondGrants().execute(
    sql`update documents set deleted_at = now() - interval '31 days' where id = ${first}`,
  );
  expect(await deleteSpentDocuments(harbour(), { limit: 9 })).toBe(1);
  expect(await deleteSpentDocuments(harbour(), { limit: 9 })).toBe(0);
  const left = await beyondGrants().execute(
    sql`select title, file_name, body, uploaded_by from documents where id = ${first}`,
  );
  expect(left.rows).toEqual([{ title: "", file_name: "", body: "", uploaded_by: null }]);
  expect(await from(first)).toBe(third);

  // The one in between is there again: it is the first in the place of the first.
  expect(await restoreDocument(harbour(), AMELIA, second)).toBe(true);
  expect([await from(first), await from(second)]).toEqual([second, null]);
  await deleteDocument(harbour(), AMELIA, second);
  expect(await from(first)).toBeNull();
  await beyondGrants().execute(
    sql`update documents set deleted_at = now() - interval '31 days' where id = ${second}`,
  );
  await deleteSpentDocuments(harbour(), { limit: 9 });
  const rows = await beyondGrants().execute(sql`select id from documents where id in (${first}, ${second})`);
  expect(rows.rows).toEqual([]);
});

test("a document that was deleted 30 days ago is deleted for good, and no other", async () => {
  const site = await addSite("Old Row");
  const [old, recent] = [await addBoiler(site), await addBoiler(site)];
  for (const id of [old, recent]) await deleteDocument(harbour(), AMELIA, id);
  await beyondGrants().execute(
    sql`update documents set deleted_at = now() - interval '31 days' where id = ${old}`,
  );
  expect(await deleteSpentDocuments(forTenant(NORTHGATE), { limit: 9 })).toBe(0);
  expect(await deleteSpentDocuments(harbour(), { limit: 9 })).toBe(1);
  expect(await restoreDocument(harbour(), AMELIA, old)).toBe(false);
  expect(await restoreDocument(harbour(), AMELIA, recent)).toBe(true);
});

test("a document that waits too long for its index is told", async () => {
  const id = await addBoiler(await addSite("Stuck Row"));
  const fails = async () =>
    (await findDocuments(harbour(), SEARCH)).documents.find((each) => each.id === id)?.indexingFails;
  expect(await fails()).toBe(false);
  await beyondGrants().execute(
    sql`update documents set indexed_at = null, indexing_since = now() - interval '16 minutes' where id = ${id}`,
  );
  expect(await fails()).toBe(true);
});

test("what was done cannot be changed or taken back", async () => {
  expect(await outcomeOf(harbour().execute("update activity set about = ''"))).toBe("42501");
  expect(await outcomeOf(harbour().execute("delete from activity"))).toBe("42501");
  expect((await listActivity(forTenant(NORTHGATE), { limit: 9 })).entries).toEqual([]);
});
