"use server";

import { forTenant } from "@openhouse/db/client";
import { restore as restoreHomes } from "@openhouse/db/queries/archive";
import { addUnit, changeUnit } from "@openhouse/db/queries/unit-changes";
import { guardAction } from "@openhouse/web/action";
import { asForm, id, readForm } from "@openhouse/web/action-input";
import { archiveHomes } from "@openhouse/web/archive";
import { type FormState, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { UNIT_SHAPE } from "../../../../../lib/home-shapes.ts";
import { archivedNow, GONE } from "../../../../../lib/words.ts";
import { unitHref } from "../hrefs.ts";

const TAKEN = { label: "Another unit of this development has this label, perhaps one in the archive." };

const CREATE = "/developments/[id]/units/new: create";
const create = guardAction(CREATE, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { development } = readForm({ development: id }, form);
  const { fields, faults } = readFormFields(UNIT_SHAPE, form);
  if (faults !== undefined) return refuseFields(CREATE, faults, form);
  const added = await addUnit(forTenant(tenantId), staff.id, { developmentId: development, ...fields });
  if (added === "taken") return refuseFields(CREATE, TAKEN, form);
  return added === null ? GONE : redirect(unitHref(development, added.id));
});

/** Adds a unit and goes to its page. Role developer only, as all of these. */
export async function createUnit(_previous: FormState | null, form: FormData): Promise<FormState> {
  return create(form);
}

const EDIT = "/developments/[id]/units/[unitId]: save";
const save = guardAction(EDIT, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { unit } = readForm({ unit: id }, form);
  const { fields, faults } = readFormFields(UNIT_SHAPE, form);
  if (faults !== undefined) return refuseFields(EDIT, faults, form);
  const saved = await changeUnit(forTenant(tenantId), staff.id, { id: unit, ...fields });
  if (saved === "taken") return refuseFields(EDIT, TAKEN, form);
  refresh();
  return saved ? { ok: true, done: "Saved." } : GONE;
});

/** Saves what a unit is. */
export async function saveUnit(_previous: FormState | null, form: FormData): Promise<FormState> {
  return save(form);
}

const archive = guardAction(
  "/developments/[id]/units/[unitId]: archive",
  async (sent: FormData): Promise<FormState> => {
    const session = await requireRole(["developer"]);
    const form = asForm(sent);
    const { unit } = readForm({ unit: id }, form);
    const devices = await archiveHomes(session, { unitId: unit, closes: form.has("close") });
    refresh();
    return devices === null ? GONE : { ok: true, done: archivedNow(devices) };
  },
);

/** Takes a unit out of the lists; with `close`, its homeowners are signed out and their codes withdrawn. */
export async function putUnitAway(_previous: FormState | null, form: FormData): Promise<FormState> {
  return archive(form);
}

const restore = guardAction(
  "/developments/[id]/units/[unitId]: restore",
  async (sent: FormData): Promise<FormState> => {
    const { tenantId, staff } = await requireRole(["developer"]);
    const { unit } = readForm({ unit: id }, sent);
    const restored = await restoreHomes(forTenant(tenantId), staff.id, { unitId: unit });
    refresh();
    return restored ? { ok: true, done: "It is back in the list." } : GONE;
  },
);

/** Brings a unit back into the lists. */
export async function bringUnitBack(_previous: FormState | null, form: FormData): Promise<FormState> {
  return restore(form);
}
