"use server";

import { redirect } from "next/navigation";

export interface CodeState {
  error?: string;
  code?: string;
}

/** Leads from a typed code to its landing page, which says whose home it opens. */
export async function findCode(_previous: CodeState, form: FormData): Promise<CodeState> {
  const code = String(form.get("code") ?? "").trim();
  const bare = code.replace(/[\s-]/g, "");
  if (!/^[0-9a-z]{20}$/i.test(bare)) {
    return { code, error: "A code has 20 letters and digits. The dashes do not matter." };
  }
  redirect(`/onboard/${bare.toUpperCase()}`);
}
