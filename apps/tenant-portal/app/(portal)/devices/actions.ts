"use server";

import { guardAction } from "@openhouse/web/action";
import { endDevices } from "@openhouse/web/devices";
import { requireRole } from "@openhouse/web/require-role";
import type { DevicesState } from "@openhouse/web/ui/device-list";
import { refresh } from "next/cache";

const end = guardAction("/devices: sign out", async (form: FormData): Promise<DevicesState> => {
  const state = await endDevices(await requireRole(["homeowner"]), form);
  refresh();
  return state;
});

/** Signs out elsewhere: on the device that the form names, or on all others. */
export async function signOutDevices(_previous: DevicesState | null, form: FormData): Promise<DevicesState> {
  return end(form);
}
