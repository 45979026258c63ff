"use server";

import { guardAction } from "@openhouse/web/action";
import { asForm, count, id, instant, readForm } from "@openhouse/web/action-input";
import { mailCodes } from "@openhouse/web/code-mail";
import { respond429, respondWith } from "@openhouse/web/current-response";
import { canSendMail } from "@openhouse/web/mail/send-mail";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { onboardingUrl } from "../../../../../../lib/tenant-portal.ts";
import { MAIL_FAILURES, noMoreMails } from "../../../../../../lib/words.ts";

export interface MailRunState {
  ok: boolean;
  error?: string;
  /** Since this run began, and how many are to come. */
  sent?: number;
  failed?: number;
  left?: number;
  /** As it was asked with, for the next batch. */
  before?: number | undefined;
}

const NO_MAIL = "This portal has no mail server. Nothing was sent.";

const send = guardAction("/developments/[id]/codes/mail", async (form: FormData): Promise<MailRunState> => {
  const session = await requireRole(["developer"]);
  const {
    development,
    before,
    sent = 0,
    failed = 0,
  } = readForm(
    {
      development: id,
      before: instant.optional(),
      // What is told of the batches so far; whoever makes it up tells themselves.
      sent: count.optional(),
      failed: count.optional(),
    },
    asForm(form),
  );
  if (!canSendMail()) {
    respondWith(409);
    return { ok: false, error: NO_MAIL };
  }
  const again = before === undefined ? null : new Date(before);
  const run = await mailCodes(session, { developmentId: development, again, linkOf: onboardingUrl });
  refresh();
  const { stoppedBy, left } = run;
  const told = { sent: sent + run.sent, failed: failed + run.failed, left, before };
  if (stoppedBy === undefined) return { ok: true, ...told };
  if (typeof stoppedBy === "string") return { ok: false, error: MAIL_FAILURES[stoppedBy], ...told };
  respond429(stoppedBy.retryAfterSeconds);
  return { ok: false, error: noMoreMails(stoppedBy), ...told };
});

/**
 * Sends the next batch of a development's homeowners their codes: to all who have none by mail, or once more to those whose mail had
 * failed until `before`, in milliseconds since 1970. Role developer only.
 */
export async function sendCodes(_previous: MailRunState | null, form: FormData): Promise<MailRunState> {
  return send(form);
}
