import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { findHome } from "../../src/queries/homeowners.ts";
import { issueOnboardingCode } from "../../src/queries/onboarding-codes.ts";
import { createSession, revokeSession } from "../../src/queries/sessions.ts";
import {
  countUnits,
  findUnitOf,
  findUnitPage,
  listOpenCodes,
  listUnits,
  listUnitsById,
  type UnitSearch,
} from "../../src/queries/units.ts";
import { units } from "../../src/schema/index.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import {
  BETH,
  CALLUM,
  COOPERS_QUAY,
  FOUNDRY,
  HARBOUR,
  NORTHGATE,
  ORCHARD_RISE,
  PRIYA,
} from "../support/tenants.ts";

usePortalDatabase();

test("units come by label, with their homeowners and each one's newest code", async () => {
  const found = await listUnits(forTenant(HARBOUR), COOPERS_QUAY);
  expect(
    found.map(({ label, homeowners }) => [
      label,
      ...homeowners.map(({ name, onboardingCode }) => `${name}: ${onboardingCode?.state}`),
    ]),
  ).toEqual([
    ["Flat 1", "Priya Nair: used"],
    ["Flat 2", "Callum Doyle: open"],
    ["Flat 3", "Ines Moreau: expired"],
    ["Flat 4", "Hannah Blackwood: open", "Owen Blackwood: open"],
    ["Flat 5"],
    ["Flat 6", "Samir Haddad: used"],
  ]);
  expect(found[1]).toEqual({
    id: expect.any(String),
    label: "Flat 2",
    kind: "Apartment",
    bedrooms: 2,
    floorAreaM2: 67,
    handoverOn: "2026-02-27",
    archivedAt: null,
    homeowners: [
      {
        id: CALLUM,
        name: "Callum Doyle",
        email: "callum.doyle@example.com",
        onboardingCode: {
          id: expect.any(String),
          code: expect.stringMatching(/^[0-9A-Z]{20}$/),
          state: "open",
          expiresAt: new Date("2099-12-31T00:00:00Z"),
          mailClaims: 0,
          mail: null,
          mailAt: null,
        },
        wasOpened: false,
        sessions: [],
      },
    ],
  });
});

test("a code issued now is the newest; a homeowner without one has null", async () => {
  const harbour = forTenant(HARBOUR);
  const code = await issueOnboardingCode(harbour, { homeownerId: CALLUM, validForMs: 60_000 });
  const people = (await listUnits(harbour, COOPERS_QUAY)).flatMap(({ homeowners }) => homeowners);
  expect(people.find(({ id }) => id === CALLUM)?.onboardingCode).toMatchObject({ code, state: "open" });
  const robert = (await listUnits(harbour, ORCHARD_RISE)).find(({ label }) => label === "Plot 4")
    ?.homeowners[0];
  expect(robert).toMatchObject({ name: "Robert Ainsley", onboardingCode: null });
});

test("another tenant's units, a made-up id and no tenant give nothing", async () => {
  expect(await listUnits(forTenant(HARBOUR), FOUNDRY)).toEqual([]);
  expect(await listUnits(forTenant(HARBOUR), "no-uuid")).toEqual([]);
  expect(await listUnits(db, COOPERS_QUAY)).toEqual([]);
  expect(await listUnits(forTenant(NORTHGATE), FOUNDRY)).toHaveLength(5);
});

test("a homeowner's home: unit and development", async () => {
  expect(await findHome(forTenant(NORTHGATE), BETH)).toEqual({
    homeowner: { id: BETH, name: "Beth Carrick", email: "beth.carrick@example.com" },
    unit: {
      id: expect.any(String),
      label: "A01",
      kind: "Loft apartment",
      bedrooms: 2,
      floorAreaM2: 82.5,
      handoverOn: "2025-11-14",
    },
    development: { id: FOUNDRY, name: "The Foundry", address: expect.stringContaining("Forge Street") },
  });
  expect(await findHome(forTenant(HARBOUR), BETH)).toBeNull();
  expect(await findHome(forTenant(HARBOUR), "no-uuid")).toBeNull();
});

test("the tenth unit comes after the second", async () => {
  const harbour = forTenant(HARBOUR);
  const like = { developmentId: ORCHARD_RISE, kind: "House", bedrooms: 3, floorAreaM2: 90 };
  await harbour.insert(units).values(["Plot 10", "Plot 9"].map((label) => ({ ...like, label })));
  const labels = (await listUnits(harbour, ORCHARD_RISE)).map(({ label }) => label);
  expect(labels.slice(0, 2)).toEqual(["Plot 1", "Plot 2"]);
  expect(labels.slice(-2)).toEqual(["Plot 9", "Plot 10"]);
});

test("a homeowner comes with whether their home was opened, and with the sessions that are open", async () => {
  const harbour = forTenant(HARBOUR);
  const expiresAt = new Date(Date.now() + 60_000);
  const id = await createSession(harbour, { homeownerId: PRIYA, expiresAt });
  await revokeSession(harbour, await createSession(harbour, { homeownerId: PRIYA, expiresAt }));
  await createSession(forTenant(NORTHGATE), { homeownerId: BETH, expiresAt });
  const people = (await listUnits(harbour, COOPERS_QUAY)).flatMap(({ homeowners }) => homeowners);
  const opened = people.filter(({ wasOpened }) => wasOpened).map(({ name }) => name);
  expect(opened).toEqual(["Priya Nair", "Samir Haddad"]);
  expect(people.flatMap(({ sessions }) => sessions)).toEqual([{ id, createdAt: expect.any(Date) }]);
});

const labels = async (search: Partial<UnitSearch>, developmentId = COOPERS_QUAY) => {
  const harbour = forTenant(HARBOUR);
  const { total, ids } = await findUnitPage(harbour, { developmentId, limit: 10, ...search });
  return [total, ...(await listUnitsById(harbour, ids)).map(({ label }) => label)];
};

test("units come by pages, in the order that is asked for, each with how many there are", async () => {
  expect(await labels({ limit: 2 })).toEqual([6, "Flat 1", "Flat 2"]);
  expect(await labels({ limit: 2, offset: 4 })).toEqual([6, "Flat 5", "Flat 6"]);
  expect(await labels({ limit: 2, offset: 6 })).toEqual([0]);
  expect(await labels({ limit: 2, descending: true })).toEqual([6, "Flat 6", "Flat 5"]);
  expect(await labels({ limit: 3, sort: "homeowner" })).toEqual([6, "Flat 2", "Flat 4", "Flat 3"]);
  expect(await labels({ limit: 2, sort: "handover", descending: true })).toEqual([6, "Flat 6", "Flat 5"]);
  expect((await labels({ limit: 20 }, ORCHARD_RISE)).slice(-2)).toEqual(["Plot 9", "Plot 10"]);
  const harbour = forTenant(HARBOUR);
  const { ids } = await findUnitPage(harbour, { developmentId: COOPERS_QUAY, limit: 1, offset: 3 });
  expect(await listUnitsById(harbour, ids)).toEqual([(await listUnits(harbour, COOPERS_QUAY))[3]]);
});

test("units are found by label, kind, and their homeowners' names and addresses, letter case aside", async () => {
  expect(await labels({ text: "flat 4" })).toEqual([1, "Flat 4"]);
  expect(await labels({ text: "PENTHOUSE" })).toEqual([1, "Flat 6"]);
  expect(await labels({ text: "blackwood" })).toEqual([1, "Flat 4"]);
  expect(await labels({ text: "moreau@example" })).toEqual([1, "Flat 3"]);
  expect(await labels({ text: "%" })).toEqual([0]);
  expect(await labels({ text: "_lat" })).toEqual([0]);
  expect(await labels({ text: "a\\" })).toEqual([0]);
});

test("units are found by how it stands with a homeowner's newest code", async () => {
  expect(await labels({ code: "used" })).toEqual([2, "Flat 1", "Flat 6"]);
  expect(await labels({ code: "open" })).toEqual([2, "Flat 2", "Flat 4"]);
  expect(await labels({ code: "expired", text: "ines" })).toEqual([1, "Flat 3"]);
  expect(await labels({ code: "none" }, ORCHARD_RISE)).toEqual([1, "Plot 4"]);
});

test("no page, count, code or homeowner of another tenant's development is told", async () => {
  const harbour = forTenant(HARBOUR);
  expect(await labels({}, FOUNDRY)).toEqual([0]);
  expect(await labels({}, "no-uuid")).toEqual([0]);
  expect(await countUnits(harbour, FOUNDRY)).toEqual({ units: 0, homeowners: 0, openCodes: 0, archived: 0 });
  expect(await listOpenCodes(harbour, { developmentId: FOUNDRY, limit: 9, offset: 0 })).toEqual([]);
  expect(await findUnitOf(harbour, { developmentId: FOUNDRY, homeownerId: BETH })).toBeNull();
  expect(await findUnitOf(harbour, { developmentId: ORCHARD_RISE, homeownerId: CALLUM })).toBeNull();
});

test("a homeowner is found with their unit, and a development's open codes by unit", async () => {
  const harbour = forTenant(HARBOUR);
  const own = { developmentId: COOPERS_QUAY, homeownerId: CALLUM };
  expect(await findUnitOf(harbour, own)).toEqual((await listUnits(harbour, COOPERS_QUAY))[1]);
  expect(await countUnits(harbour, COOPERS_QUAY)).toEqual({
    units: 6,
    homeowners: 6,
    openCodes: 3,
    archived: 0,
  });
  const codes = await listOpenCodes(harbour, { developmentId: COOPERS_QUAY, limit: 2, offset: 1 });
  expect(codes.map(({ unitLabel, homeownerName }) => [unitLabel, homeownerName])).toEqual([
    ["Flat 4", "Hannah Blackwood"],
    ["Flat 4", "Owen Blackwood"],
  ]);
});
