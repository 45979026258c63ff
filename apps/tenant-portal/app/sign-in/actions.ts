"use server";

import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { redirect } from "next/navigation";

export interface CodeState {
  error?: string;
  code?: string;
}

const find = guardAction("/sign-in", async (form: FormData): Promise<CodeState> => {
  const code = readForm({ code: text(1_000).optional() }, form).code?.trim() ?? "";
  const bare = code.replace(/[\s-]/g, "");
  if (!/^[0-9a-z]{20}$/i.test(bare)) {
    return { code, error: "A code has 20 letters and digits. The dashes do not matter." };
  }
  redirect(`/onboard/${bare.toUpperCase()}`);
});

/** Leads from a typed code to its landing page, which says whose home it opens. */
export async function findCode(_previous: CodeState, form: FormData): Promise<CodeState> {
  return find(form);
}
