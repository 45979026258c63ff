import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { findHome } from "../../src/queries/homeowners.ts";
import { issueOnboardingCode } from "../../src/queries/onboarding-codes.ts";
import { createSession, revokeSession } from "../../src/queries/sessions.ts";
import { listUnits } from "../../src/queries/units.ts";
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
