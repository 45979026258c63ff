"use server";

import { guardAction } from "@openhouse/web/action";
import { clientAddress } from "@openhouse/web/client-address";
import { redeemCode } from "@openhouse/web/onboarding";
import { redirect } from "next/navigation";
import { REFUSALS } from "./refusals.ts";

export interface RedeemState {
  ok: boolean;
  error?: string;
}

const redeem = guardAction("/onboard/[code]", async (code: string): Promise<RedeemState> => {
  const { outcome } = await redeemCode(code, await clientAddress());
  return outcome === "welcome" ? { ok: true } : { ok: false, error: REFUSALS[outcome] };
});

/** Uses the code up, opens the session and goes to the homeowner's start page. */
export async function openHome(_previous: RedeemState | null, form: FormData): Promise<RedeemState> {
  const state = await redeem(String(form.get("code") ?? ""));
  if (state.ok) redirect("/");
  return state;
}
