"use server";

import { forTenant } from "@openhouse/db/client";
import { findDevelopment } from "@openhouse/db/queries/developments";
import { uploadDocument as storeDocument } from "@openhouse/db/queries/document-changes";
import { sendEvent } from "@openhouse/jobs/events";
import { guardAction } from "@openhouse/web/action";
import { asForm } from "@openhouse/web/action-input";
import { waitUntil } from "@openhouse/web/pending-work";
import { writeAsTenant } from "@openhouse/web/read-position";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { readUpload, type UploadFaults } from "../../../../lib/document-upload.ts";
import { uploaderOf } from "../../../../lib/upload-quota.ts";

export interface UploadState {
  ok: boolean;
  /** The title of the document that was stored. */
  uploaded?: string;
  /** What is wrong with the upload as a whole. */
  error?: string;
  faults?: UploadFaults & { development?: string };
}

const upload = guardAction("/documents: upload", async (sent: FormData): Promise<UploadState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const db = forTenant(tenantId);
  const developmentId = String(form.get("development") ?? "");
  const uploader = uploaderOf({ tenantId, subjectId: staff.id });
  const [{ upload: text, faults, usedUp }, development] = await Promise.all([
    readUpload(form, uploader),
    findDevelopment(db, developmentId),
  ]);
  if (usedUp !== undefined) return usedUp;
  if (text === undefined || development === null) {
    const missing = development === null && {
      development: "Choose the development that the document is about.",
    };
    return { ok: false, faults: { ...faults, ...missing } };
  }
  const noneLeft = await uploader.spend();
  if (noneLeft !== null) return noneLeft;
  const documentId = await writeAsTenant(tenantId, (writer) =>
    storeDocument(writer, staff.id, { ...text, developmentId }),
  );
  void waitUntil(sendEvent({ name: "document/uploaded", data: { tenantId, documentId } }));
  refresh();
  return { ok: true, uploaded: text.title };
});

/** Stores a text, Markdown, PDF or Word file for the homeowners of a development. Role developer only. */
export async function uploadDocument(_previous: UploadState | null, form: FormData): Promise<UploadState> {
  return upload(form);
}
