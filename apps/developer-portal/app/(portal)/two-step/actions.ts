"use server";

import { guardAction } from "@openhouse/web/action";
import { oneOf, readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { sentDevice } from "@openhouse/web/device-cookie";
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
import { MANY_SIGN_IN, tooManyAttempts } from "../../../lib/words.ts";

export type TwoStepChange = "begin" | "confirm" | "renew" | "turn-off";

export interface TwoStepState {
  /** What the form wanted. */
  change?: TwoStepChange;
  done?: string;
  error?: string;
  /** Seen here and never again. */
  recoveryCodes?: string[];
}

/** Longer than any field is, and shorter than what it would cost to look at. */
const MOST = 10_000;
const CODE = { code: text(MOST).optional() };
const WRONG_CODE =
  "That code is not right, or was used already. Please enter the one that the app shows now.";

const begin = guardAction("/two-step: begin", async (form: FormData): Promise<TwoStepState> => {
  const { staff } = await requireRole(ANY_STAFF);
  const { password = "" } = readForm({ password: text(MOST).optional() }, form);
  const checked = await checkStaffCredentials({
    email: staff.email,
    password,
    address: await clientAddress(),
    device: await sentDevice(),
  });
  switch (checked.outcome) {
    case "verified":
      await beginFactor(checked);
      refresh();
      return {};
    case "wrong":
      return { error: "The password is not right." };
    case "limited":
      return { error: tooManyAttempts(checked.retryAfterSeconds) };
    case "busy":
      return { error: MANY_SIGN_IN };
  }
});

const confirm = guardAction("/two-step: confirm", async (form: FormData): Promise<TwoStepState> => {
  const { tenantId, staff } = await requireRole(ANY_STAFF);
  const { code = "" } = readForm(CODE, form);
  const confirmed = await confirmFactor({ tenantId, staffId: staff.id }, code);
  if (confirmed.outcome === "limited") return { error: tooManyAttempts(confirmed.retryAfterSeconds) };
  if (confirmed.outcome === "wrong") return { error: WRONG_CODE };
  refresh();
  return { done: "Two-step sign-in is on.", recoveryCodes: confirmed.recoveryCodes };
});

const changeWithCode = guardAction(
  "/two-step: change",
  async (change: "renew" | "turn-off", form: FormData): Promise<TwoStepState> => {
    const { tenantId, staff } = await requireRole(ANY_STAFF);
    const { code = "" } = readForm(CODE, form);
    const owner = { tenantId, staffId: staff.id };
    const checked = await checkFactor(owner, code);
    if (checked.outcome === "limited") return { error: tooManyAttempts(checked.retryAfterSeconds) };
    if (checked.outcome !== "accepted") return { error: WRONG_CODE };
    if (change === "turn-off") await turnFactorOff(owner);
    const recoveryCodes = change === "renew" ? await renewRecoveryCodes(owner) : undefined;
    refresh();
    if (recoveryCodes === undefined) return { done: "Two-step sign-in is off." };
    return { done: "The recovery codes before are worth nothing any more.", recoveryCodes };
  },
);

const change = guardAction("/two-step", async (form: FormData): Promise<TwoStepState> => {
  await requireRole(ANY_STAFF);
  const { change } = readForm({ change: oneOf("begin", "confirm", "renew", "turn-off").optional() }, form);
  switch (change) {
    case "begin":
      return { ...(await begin(form)), change };
    case "confirm":
      return { ...(await confirm(form)), change };
    case "renew":
    case "turn-off":
      return { ...(await changeWithCode(change, form)), change };
    default:
      return {};
  }
});

/** Sets two-step sign-in up, in two steps of its own, and changes it; what changes it wants a code. */
export async function changeTwoStep(_previous: TwoStepState, form: FormData): Promise<TwoStepState> {
  return change(form);
}
