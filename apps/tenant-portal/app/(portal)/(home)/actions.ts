"use server";

import { forTenant } from "@openhouse/db/client";
import { noteDevicesSeen } from "@openhouse/db/queries/sessions";
import { type ActionFailure, guardAction } from "@openhouse/web/action";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";

const dismiss = guardAction("/: dismiss new devices", async (newest: string): Promise<null> => {
  const { tenantId, sessionId, homeowner } = await requireRole(["homeowner"]);
  await noteDevicesSeen(forTenant(tenantId), { homeownerId: homeowner.id, sessionId, newest });
  refresh();
  return null;
});

/** Takes the notice of new devices away, on this device: of those that it named, so that none is dismissed unseen. */
export async function dismissNewDevices(
  _previous: ActionFailure | null,
  form: FormData,
): Promise<ActionFailure | null> {
  return dismiss(String(form.get("newest") ?? ""));
}
