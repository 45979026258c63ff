"use server";

import {
  changeDocument,
  deleteDocument,
  replaceDocument,
  restoreDocument,
} from "@openhouse/db/queries/document-changes";
import { sendEvent } from "@openhouse/jobs/events";
import { guardAction } from "@openhouse/web/action";
import { asForm, id, readForm } from "@openhouse/web/action-input";
import { type FormState, line, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { waitUntil } from "@openhouse/web/pending-work";
import { writeAsTenant } from "@openhouse/web/read-position";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { readUploadedFile } from "../../../../../lib/document-upload.ts";
import { uploaderOf } from "../../../../../lib/upload-quota.ts";
import { GONE } from "../../../../../lib/words.ts";

const index = (tenantId: string, documentId: string): void =>
  void waitUntil(sendEvent({ name: "document/uploaded", data: { tenantId, documentId } }));

const EDIT = "/documents/[id]/edit: save";
const save = guardAction(EDIT, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { document, development } = readForm({ document: id, development: id }, form);
  const { fields, faults } = readFormFields({ title: line("Give the document a title.") }, form);
  if (faults !== undefined) return refuseFields(EDIT, faults, form);
  const change = { id: document, title: fields.title, developmentId: development };
  if (!(await writeAsTenant(tenantId, (db) => changeDocument(db, staff.id, change)))) return GONE;
  index(tenantId, document);
  refresh();
  return { ok: true, done: "Saved. Search finds it by its words again in a moment." };
});

/** Renames a document, or moves it to another development. Role developer only, as all of these. */
export async function saveDocument(_previous: FormState | null, form: FormData): Promise<FormState> {
  return save(form);
}

const REPLACE = "/documents/[id]/edit: replace";
const replace = guardAction(REPLACE, async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { document } = readForm({ document: id }, form);
  const uploader = uploaderOf({ tenantId, subjectId: staff.id });
  const { value, fault, usedUp } = await readUploadedFile(form, uploader);
  if (usedUp !== undefined) return usedUp;
  if (value === undefined) return refuseFields(REPLACE, { file: fault }, form);
  const noneLeft = await uploader.spend();
  if (noneLeft !== null) return noneLeft;
  const newId = await writeAsTenant(tenantId, (db) => replaceDocument(db, staff.id, document, value));
  if (newId === null) return GONE;
  index(tenantId, newId);
  redirect(`/documents/${newId}`);
});

/** Puts another file in the place of a document, and goes to it; the one before can be brought back. */
export async function replaceFile(_previous: FormState | null, form: FormData): Promise<FormState> {
  return replace(form);
}

const remove = guardAction("/documents/[id]/edit: delete", async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const { document } = readForm({ document: id }, sent);
  if (!(await writeAsTenant(tenantId, (db) => deleteDocument(db, staff.id, document)))) return GONE;
  redirect("/documents/deleted");
});

/** Deletes a document, and goes to where it can be brought back. */
export async function removeDocument(_previous: FormState | null, form: FormData): Promise<FormState> {
  return remove(form);
}

const restore = guardAction("/documents/deleted: restore", async (sent: FormData): Promise<FormState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const { document } = readForm({ document: id }, sent);
  if (!(await writeAsTenant(tenantId, (db) => restoreDocument(db, staff.id, document)))) return GONE;
  index(tenantId, document);
  redirect(`/documents/${document}`);
});

/** Brings a deleted document back, and goes to it. */
export async function bringDocumentBack(_previous: FormState | null, form: FormData): Promise<FormState> {
  return restore(form);
}
