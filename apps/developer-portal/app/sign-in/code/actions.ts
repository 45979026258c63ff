"use server";

import { guardAction } from "@openhouse/web/action";
import { finishSignIn } from "@openhouse/web/sign-in";
import { redirect } from "next/navigation";
import { tooManyAttempts } from "../../../lib/words.ts";

export interface CodeState {
  next?: "/" | "/sign-in";
  error?: string;
}

const attempt = guardAction("/sign-in/code", async (code: string): Promise<CodeState> => {
  const result = await finishSignIn(code);
  switch (result.outcome) {
    case "signed-in":
      return { next: "/" };
    case "late":
      return { next: "/sign-in" };
    case "wrong":
      return {
        error: "That code is not right, or was used already. Please enter the one that the app shows now.",
      };
    case "limited":
      return { error: tooManyAttempts(result.retryAfterSeconds) };
  }
});

/** Takes the code that a sign-in wants beside the password; who was too long about it begins anew. */
export async function enterCode(_previous: CodeState, form: FormData): Promise<CodeState> {
  const state = await attempt(String(form.get("code") ?? ""));
  if ("next" in state && state.next !== undefined) redirect(state.next);
  return state;
}
