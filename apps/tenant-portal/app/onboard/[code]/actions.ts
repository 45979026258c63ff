"use server";

import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { redeemCode } from "@openhouse/web/onboarding";
import { returnPath } from "@openhouse/web/return-path";
import { redirect } from "next/navigation";
import { REFUSALS } from "./refusals.ts";

export interface RedeemState {
  ok: boolean;
  error?: string;
  /** Where somebody who is in goes on. */
  to?: string;
}

const redeem = guardAction("/onboard/[code]", async (form: FormData): Promise<RedeemState> => {
  const { code, to } = readForm({ code: text(1_000), to: text(1_000).optional() }, form);
  const { outcome } = await redeemCode(code, await clientAddress());
  return outcome === "welcome" ? { ok: true, to: returnPath(to) } : { ok: false, error: REFUSALS[outcome] };
});

/** Uses the code up, opens the session and goes to the homeowner's start page, or where they wanted to. */
export async function openHome(_previous: RedeemState | null, form: FormData): Promise<RedeemState> {
  const state = await redeem(form);
  if ("to" in state && state.to !== undefined) redirect(state.to);
  return state;
}
