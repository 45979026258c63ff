"use server";

import { guardAction } from "@openhouse/web/action";
import { clientAddress } from "@openhouse/web/client-address";
import { respond429, respond503 } from "@openhouse/web/current-response";
import { signInStaff } from "@openhouse/web/sign-in";
import { redirect } from "next/navigation";
import { tooManyAttempts } from "../../lib/words.ts";

export interface SignInState {
  ok: boolean;
  /** Where a sign-in that went well goes on. */
  next?: "/" | "/sign-in/code";
  error?: string;
  /** Kept, so that only the password has to be typed again. */
  email?: string;
}

const attempt = guardAction("/sign-in", async (email: string, password: string): Promise<SignInState> => {
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
      return { ok: false, error: "Many people are signing in right now. Please try again in a moment." };
  }
});

/** Signs a member of staff in and goes to the start page, or asks for their code; otherwise says calmly why not. */
export async function signIn(_previous: SignInState, form: FormData): Promise<SignInState> {
  const email = String(form.get("email") ?? "").trim();
  const password = String(form.get("password") ?? "");
  if (email === "" || password === "") {
    return { ok: false, error: "Please enter your email address and your password.", email };
  }
  const state = await attempt(email, password);
  if ("next" in state && state.next !== undefined) redirect(state.next);
  return { ...state, email };
}
