"use server";

import { forTenant } from "@openhouse/db/client";
import { noteDevicesSeen } from "@openhouse/db/queries/sessions";
import { type ActionFailure, guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";

const dismiss = guardAction("/: dismiss new devices", async (form: FormData): Promise<null> => {
  const { tenantId, sessionId, homeowner } = await requireRole(["homeowner"]);
  const { newest } = readForm({ newest: text(100) }, form);
  await noteDevicesSeen(forTenant(tenantId), { homeownerId: homeowner.id, sessionId, newest });
  refresh();
  return null;
});

/** Takes the notice of new devices away, on this device: of those that it named, so that none is dismissed unseen. */
export async function dismissNewDevices(
  _previous: ActionFailure | null,
  form: FormData,
): Promise<ActionFailure | null> {
  return dismiss(form);
}
