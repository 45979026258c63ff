"use server";

import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { redeemCode } from "@openhouse/web/onboarding";
import { redirect } from "next/navigation";
import { REFUSALS } from "./refusals.ts";

export interface RedeemState {
  ok: boolean;
  error?: string;
}

const redeem = guardAction("/onboard/[code]", async (form: FormData): Promise<RedeemState> => {
  const { code } = readForm({ code: text(1_000) }, form);
  const { outcome } = await redeemCode(code, await clientAddress());
  return outcome === "welcome" ? { ok: true } : { ok: false, error: REFUSALS[outcome] };
});

/** Uses the code up, opens the session and goes to the homeowner's start page. */
export async function openHome(_previous: RedeemState | null, form: FormData): Promise<RedeemState> {
  const state = await redeem(form);
  if (state.ok) redirect("/");
  return state;
}
