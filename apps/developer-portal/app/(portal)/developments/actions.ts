"use server";

import { restore as restoreHomes } from "@openhouse/db/queries/archive";
import { addDevelopment, changeDevelopment } from "@openhouse/db/queries/development-changes";
import { guardAction } from "@openhouse/web/action";
import { asForm, id, readForm } from "@openhouse/web/action-input";
import { archiveHomes } from "@openhouse/web/archive";
import { type FormState, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { writeAsTenant } from "@openhouse/web/read-position";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { archivedNow, GONE } from "../../../lib/words.ts";
import { developmentHref } from "./[id]/hrefs.ts";
import { DEVELOPMENT_SHAPE } from "./development-fields.ts";

const CREATE = "/developments/new: create";
const create = guardAction(CREATE, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { fields, faults } = readFormFields(DEVELOPMENT_SHAPE, form);
  if (faults !== undefined) return refuseFields(CREATE, faults, form);
  redirect(developmentHref(await writeAsTenant(tenantId, (db) => addDevelopment(db, staff.id, fields))));
});

/** Adds a development and goes to its page. Role developer only, as all of these. */
export async function createDevelopment(_previous: FormState | null, form: FormData): Promise<FormState> {
  return create(form);
}

const EDIT = "/developments/[id]/edit: save";
const save = guardAction(EDIT, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { development } = readForm({ development: id }, form);
  const { fields, faults } = readFormFields(DEVELOPMENT_SHAPE, form);
  if (faults !== undefined) return refuseFields(EDIT, faults, form);
  const change = { id: development, ...fields };
  const saved = await writeAsTenant(tenantId, (db) => changeDevelopment(db, staff.id, change));
  refresh();
  return saved ? { ok: true, done: "Saved." } : GONE;
});

/** Saves name, address and stage. */
export async function saveDevelopment(_previous: FormState | null, form: FormData): Promise<FormState> {
  return save(form);
}

const archive = guardAction(
  "/developments/[id]/edit: archive",
  async (sent: FormData): Promise<FormState> => {
    const session = await requireRole(["developer"]);
    const form = asForm(sent);
    const { development } = readForm({ development: id }, form);
    const devices = await archiveHomes(session, { developmentId: development, closes: form.has("close") });
    refresh();
    return devices === null ? GONE : { ok: true, done: archivedNow(devices) };
  },
);

/** Takes a development out of the lists; with `close`, its homeowners are signed out and their codes withdrawn. */
export async function putDevelopmentAway(_previous: FormState | null, form: FormData): Promise<FormState> {
  return archive(form);
}

const restore = guardAction(
  "/developments/[id]/edit: restore",
  async (sent: FormData): Promise<FormState> => {
    const { tenantId, staff } = await requireRole(["developer"]);
    const { development } = readForm({ development: id }, sent);
    const restored = await writeAsTenant(tenantId, (db) =>
      restoreHomes(db, staff.id, { developmentId: development }),
    );
    refresh();
    return restored ? { ok: true, done: "It is back in the list." } : GONE;
  },
);

/** Brings a development back into the lists. */
export async function bringDevelopmentBack(_previous: FormState | null, form: FormData): Promise<FormState> {
  return restore(form);
}
