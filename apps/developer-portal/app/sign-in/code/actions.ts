"use server";

import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { finishSignIn } from "@openhouse/web/sign-in";
import { redirect } from "next/navigation";
import { tooManyAttempts } from "../../../lib/words.ts";

export interface CodeState {
  next?: "/" | "/sign-in";
  error?: string;
}

/** Longer than any code is, and shorter than what it would cost to look at. */
const MOST = 1_000;

const attempt = guardAction("/sign-in/code", async (form: FormData): Promise<CodeState> => {
  const { code = "" } = readForm({ code: text(MOST).optional() }, form);
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
  const state = await attempt(form);
  if ("next" in state && state.next !== undefined) redirect(state.next);
  return state;
}
