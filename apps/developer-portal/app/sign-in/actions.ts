"use server";

import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { respond429, respond503 } from "@openhouse/web/current-response";
import { signInStaff } from "@openhouse/web/sign-in";
import { redirect } from "next/navigation";
import { MANY_SIGN_IN, tooManyAttempts } from "../../lib/words.ts";

export interface SignInState {
  ok: boolean;
  /** Where a sign-in that went well goes on. */
  next?: "/" | "/sign-in/code";
  error?: string;
  /** Kept, so that only the password has to be typed again. */
  email?: string;
}

/** Longer than any of them is, and shorter than what it would cost to look at. */
const MOST = 10_000;

const attempt = guardAction("/sign-in", async (form: FormData): Promise<SignInState> => {
  const fields = readForm({ email: text(MOST).optional(), password: text(MOST).optional() }, form);
  const email = fields.email?.trim() ?? "";
  const password = fields.password ?? "";
  if (email === "" || password === "") {
    return { ok: false, error: "Please enter your email address and your password." };
  }
  const result = await signInStaff({ email, password, address: await clientAddress() });
  switch (result.outcome) {
    case "signed-in":
      return { ok: true, next: "/" };
    case "code-wanted":
      return { ok: true, next: "/sign-in/code" };
    case "wrong":
      return { ok: false, error: "The email address or the password is not right. Please check both." };
    case "limited":
      respond429(result.retryAfterSeconds);
      return {
        ok: false,
        error: tooManyAttempts(result.retryAfterSeconds),
      };
    case "busy":
      respond503(result.retryAfterSeconds);
      return { ok: false, error: MANY_SIGN_IN };
  }
});

/** Signs a member of staff in and goes to the start page, or asks for their code; otherwise says calmly why not. */
export async function signIn(_previous: SignInState, form: FormData): Promise<SignInState> {
  const state = await attempt(form);
  if ("next" in state && state.next !== undefined) redirect(state.next);
  const email = form instanceof FormData ? form.get("email") : null;
  return { ...state, email: typeof email === "string" ? email.trim() : "" };
}
