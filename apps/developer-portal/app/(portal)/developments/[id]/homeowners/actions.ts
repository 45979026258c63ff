"use server";

import { forTenant } from "@openhouse/db/client";
import { addHomeowner } from "@openhouse/db/queries/homeowner-changes";
import { guardAction } from "@openhouse/web/action";
import { asForm, id, readForm } from "@openhouse/web/action-input";
import { removeResident } from "@openhouse/web/archive";
import { type FormState, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { changeResident } from "@openhouse/web/homeowner-access";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { HOMEOWNER_SHAPE } from "../../../../../lib/home-shapes.ts";
import { GONE } from "../../../../../lib/words.ts";
import { homeownerHref, unitHref } from "../hrefs.ts";

const CODE_WENT_ASTRAY =
  "The code that was sent to the address before is withdrawn. Make a new code, and send that.";
const TAKEN = { email: "Somebody else of this unit has this e-mail address." };

const ADD = "/developments/[id]/units/[unitId]: add homeowner";
const add = guardAction(ADD, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { development, unit } = readForm({ development: id, unit: id }, form);
  const { fields, faults } = readFormFields(HOMEOWNER_SHAPE, form);
  if (faults !== undefined) return refuseFields(ADD, faults, form);
  const added = await addHomeowner(forTenant(tenantId), staff.id, { unitId: unit, ...fields });
  if (added === "taken") return refuseFields(ADD, TAKEN, form);
  return added === null ? GONE : redirect(homeownerHref(development, added.id));
});

/** Adds a homeowner to a unit and goes to their page, where their code is made. Role developer only, as all of these. */
export async function createHomeowner(_previous: FormState | null, form: FormData): Promise<FormState> {
  return add(form);
}

const EDIT = "/developments/[id]/homeowners/[homeownerId]: save";
const save = guardAction(EDIT, async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(["developer"]);
  const form = asForm(sent);
  const { homeowner } = readForm({ homeowner: id }, form);
  const { fields, faults } = readFormFields(HOMEOWNER_SHAPE, form);
  if (faults !== undefined) return refuseFields(EDIT, faults, form);
  const saved = await changeResident(session, { id: homeowner, ...fields });
  if (saved === "taken") return refuseFields(EDIT, TAKEN, form);
  refresh();
  if (saved === null) return GONE;
  return { ok: true, done: saved.codeWithdrawn ? `Saved. ${CODE_WENT_ASTRAY}` : "Saved." };
});

/** Saves name and e-mail address; a code that was mailed to the address of before is withdrawn. */
export async function saveHomeowner(_previous: FormState | null, form: FormData): Promise<FormState> {
  return save(form);
}

const REMOVE = "/developments/[id]/homeowners/[homeownerId]: remove";
const remove = guardAction(REMOVE, async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(["developer"]);
  const form = asForm(sent);
  const { development, unit, homeowner } = readForm({ development: id, unit: id, homeowner: id }, form);
  if (!form.has("sure")) return refuseFields(REMOVE, { sure: "Tick this first: it cannot be undone." }, form);
  await removeResident(session, homeowner);
  redirect(unitHref(development, unit));
});

/** Removes a homeowner with their codes, sessions and conversations, and goes to their unit. */
export async function deleteHomeowner(_previous: FormState | null, form: FormData): Promise<FormState> {
  return remove(form);
}
