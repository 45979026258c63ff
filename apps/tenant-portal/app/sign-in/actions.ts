"use server";

import { isMailable } from "@openhouse/db/email";
import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { respond429 } from "@openhouse/web/current-response";
import { formatWait } from "@openhouse/web/format";
import { returnPath, withReturnPath } from "@openhouse/web/return-path";
import { askForLink, LINK_MINUTES } from "@openhouse/web/sign-in-link";
import { redirect } from "next/navigation";

export interface CodeState {
  error?: string;
  code?: string;
}

const find = guardAction("/sign-in", async (form: FormData): Promise<CodeState> => {
  const sent = readForm({ code: text(1_000).optional(), to: text(1_000).optional() }, form);
  const code = sent.code?.trim() ?? "";
  const bare = code.replace(/[\s-]/g, "");
  if (!/^[0-9a-z]{20}$/i.test(bare)) {
    return { code, error: "A code has 20 letters and digits. The dashes do not matter." };
  }
  redirect(withReturnPath(`/onboard/${bare.toUpperCase()}`, sent.to));
});

/** Leads from a typed code to its landing page, which says whose home it opens. */
export async function findCode(_previous: CodeState, form: FormData): Promise<CodeState> {
  return find(form);
}

export interface LinkState {
  /** Said where a link was asked for, whoever's address it was. */
  done?: string;
  error?: string;
  /** Kept, so that it need not be typed again. */
  email?: string;
}

const ask = guardAction("/sign-in: send a link", async (form: FormData): Promise<LinkState> => {
  const sent = readForm({ email: text(1_000).optional(), to: text(1_000).optional() }, form);
  const email = sent.email?.trim() ?? "";
  if (!isMailable(email))
    return { email, error: "Please enter an e-mail address, such as name@example.com." };
  const answer = await askForLink({ email, address: await clientAddress(), returnTo: returnPath(sent.to) });
  if (answer.outcome === "limited") {
    respond429(answer.retryAfterSeconds);
    const wait = formatWait(answer.retryAfterSeconds);
    return {
      email,
      error: `Several links were asked for already. Please look for the mail, also among the spam, or try again in ${wait}.`,
    };
  }
  return {
    email,
    done: `If this address is on file for a home that was opened before, a link is on its way. It works once, within ${LINK_MINUTES} minutes.`,
  };
});

/** Sends a link to the e-mail address of a homeowner; what it answers does not tell whether there is one. */
export async function sendLink(_previous: LinkState, form: FormData): Promise<LinkState> {
  return ask(form);
}
