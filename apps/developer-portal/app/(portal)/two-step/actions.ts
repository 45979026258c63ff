"use server";

import { guardAction } from "@openhouse/web/action";
import { clientAddress } from "@openhouse/web/client-address";
import { requireRole } from "@openhouse/web/require-role";
import {
  beginFactor,
  checkFactor,
  confirmFactor,
  renewRecoveryCodes,
  turnFactorOff,
} from "@openhouse/web/second-factor";
import { checkStaffCredentials } from "@openhouse/web/staff-credentials";
import { refresh } from "next/cache";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { tooManyAttempts } from "../../../lib/words.ts";

export type TwoStepChange = "begin" | "confirm" | "renew" | "turn-off";

export interface TwoStepState {
  /** What the form wanted. */
  change?: TwoStepChange;
  done?: string;
  error?: string;
  /** Seen here and never again. */
  recoveryCodes?: string[];
}

const WRONG_CODE =
  "That code is not right, or was used already. Please enter the one that the app shows now.";

const begin = guardAction("/two-step: begin", async (password: string): Promise<TwoStepState> => {
  const { tenantId, staff } = await requireRole(ANY_STAFF);
  // Asked for again: else whoever finds an open browser could lock its owner out.
  const checked = await checkStaffCredentials({
    email: staff.email,
    password,
    address: await clientAddress(),
  });
  if (checked.outcome === "limited") return { error: tooManyAttempts(checked.retryAfterSeconds) };
  if (checked.outcome === "wrong") return { error: "The password is not right." };
  await beginFactor({ tenantId, staffId: staff.id });
  refresh();
  return {};
});

const confirm = guardAction("/two-step: confirm", async (code: string): Promise<TwoStepState> => {
  const { tenantId, staff } = await requireRole(ANY_STAFF);
  const confirmed = await confirmFactor({ tenantId, staffId: staff.id }, code);
  if (confirmed.outcome === "limited") return { error: tooManyAttempts(confirmed.retryAfterSeconds) };
  if (confirmed.outcome === "wrong") return { error: WRONG_CODE };
  refresh();
  return { done: "Two-step sign-in is on.", recoveryCodes: confirmed.recoveryCodes };
});

const changeWithCode = guardAction(
  "/two-step: change",
  async (change: "renew" | "turn-off", code: string): Promise<TwoStepState> => {
    const { tenantId, staff } = await requireRole(ANY_STAFF);
    const owner = { tenantId, staffId: staff.id };
    const checked = await checkFactor(owner, code);
    if (checked.outcome === "limited") return { error: tooManyAttempts(checked.retryAfterSeconds) };
    if (checked.outcome === "wrong") return { error: WRONG_CODE };
    if (change === "turn-off") await turnFactorOff(owner);
    const recoveryCodes = change === "renew" ? await renewRecoveryCodes(owner) : undefined;
    refresh();
    if (recoveryCodes === undefined) return { done: "Two-step sign-in is off." };
    return { done: "The recovery codes before are worth nothing any more.", recoveryCodes };
  },
);

/** Sets two-step sign-in up, in two steps of its own, and changes it; what changes it wants a code. */
export async function changeTwoStep(_previous: TwoStepState, form: FormData): Promise<TwoStepState> {
  const code = String(form.get("code") ?? "");
  const change = form.get("change");
  if (change === "begin") return { ...(await begin(String(form.get("password") ?? ""))), change };
  if (change === "confirm") return { ...(await confirm(code)), change };
  if (change === "renew" || change === "turn-off") return { ...(await changeWithCode(change, code)), change };
  return {};
}
