"use server";

import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { returnPath } from "@openhouse/web/return-path";
import { openWithLink } from "@openhouse/web/sign-in-link";
import { redirect } from "next/navigation";
import { REFUSALS } from "./refusals.ts";

export interface OpenState {
  ok: boolean;
  error?: string;
  /** Where somebody who is in goes on. */
  to?: string;
}

const open = guardAction("/sign-in/link/[token]", async (form: FormData): Promise<OpenState> => {
  const { token, to } = readForm({ token: text(1_000), to: text(1_000).optional() }, form);
  const { outcome } = await openWithLink(token, await clientAddress());
  return outcome === "welcome" ? { ok: true, to: returnPath(to) } : { ok: false, error: REFUSALS[outcome] };
});

/** Uses the link up, opens the session and goes where the homeowner wanted to. */
export async function openAgain(_previous: OpenState | null, form: FormData): Promise<OpenState> {
  const state = await open(form);
  if ("to" in state && state.to !== undefined) redirect(state.to);
  return state;
}
