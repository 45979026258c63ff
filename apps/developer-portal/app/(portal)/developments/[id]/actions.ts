"use server";

import { forTenant } from "@openhouse/db/client";
import { UnknownHomeownerError } from "@openhouse/db/queries/onboarding-codes";
import { findUnitOf } from "@openhouse/db/queries/units";
import { guardAction } from "@openhouse/web/action";
import { asForm, count, id, oneOf, readForm } from "@openhouse/web/action-input";
import { type CodeMailOutcome, mailCode } from "@openhouse/web/code-mail";
import { respond429, respondWith } from "@openhouse/web/current-response";
import { formatNumberOf } from "@openhouse/web/format";
import {
  endHomeownerSessions,
  type IssueRequest,
  issueCode,
  withdrawAccess,
} from "@openhouse/web/homeowner-access";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { onboardingUrl } from "../../../../lib/tenant-portal.ts";
import { MAIL_FAILURES, MAIL_REFUSALS, MAIL_SENT, mailNoticeOf, noMoreMails } from "../../../../lib/words.ts";
import { homeownerHref } from "./hrefs.ts";

export interface CodeState {
  ok: boolean;
  /** What was done. */
  done?: string;
  error?: string;
}

const issue = guardAction(
  "/developments/[id]: new code",
  async (request: IssueRequest): Promise<CodeState> => {
    const session = await requireRole(["developer"]);
    try {
      const issued = await issueCode(session, request);
      refresh();
      if (issued !== "open") return { ok: true, done: `New code made.${signedOut(issued.ended)}` };
      return {
        ok: false,
        error: "This home was opened meanwhile, and no code was made. Please look again before you make one.",
      };
    } catch (error) {
      if (!(error instanceof UnknownHomeownerError)) throw error;
      return { ok: false, error: "This homeowner is not there any more. Please load the page again." };
    }
  },
);

const withdraw = guardAction(
  "/developments/[id]: withdraw code",
  async (homeownerId: string, sessionsStay: boolean): Promise<CodeState> => {
    const session = await requireRole(["developer"]);
    const { withdrawn, ended } = await withdrawAccess(session, { homeownerId, sessionsStay });
    refresh();
    if (withdrawn) return { ok: true, done: `Code withdrawn.${signedOut(ended)}` };
    return { ok: false, error: `The code was used or withdrawn meanwhile.${signedOut(ended)}` };
  },
);

const end = guardAction(
  "/developments/[id]: end sessions",
  async (homeownerId: string): Promise<CodeState> => {
    const ended = await endHomeownerSessions(await requireRole(["developer"]), homeownerId);
    refresh();
    return { ok: true, done: ended === 0 ? "They were signed out already." : signedOut(ended).trim() };
  },
);

async function mailKnown(form: FormData): Promise<CodeMailOutcome> {
  const session = await requireRole(["developer"]);
  const {
    homeowner,
    code,
    claims = 0,
  } = readForm({ homeowner: id, code: id, claims: count.optional() }, form);
  return mailCode(session, {
    homeownerId: homeowner,
    known: { codeId: code, claims },
    linkOf: onboardingUrl,
  });
}

const mail = guardAction("/developments/[id]: mail code", async (form: FormData): Promise<CodeState> => {
  try {
    const result = await mailKnown(form);
    refresh();
    switch (result.outcome) {
      case "sent":
        return { ok: true, done: MAIL_SENT };
      case "failed":
        return { ok: false, error: MAIL_FAILURES[result.why] };
      case "refused":
        respondWith(409);
        return { ok: false, error: MAIL_REFUSALS[result.why] };
      case "limited":
        respond429(result.usedUp.retryAfterSeconds);
        return { ok: false, error: noMoreMails(result.usedUp) };
    }
  } catch (error) {
    if (!(error instanceof UnknownHomeownerError)) throw error;
    return { ok: false, error: "This homeowner is not there any more. Please load the page again." };
  }
});

const change = guardAction("/developments/[id]: codes", async (sent: FormData): Promise<CodeState> => {
  await requireRole(["developer"]);
  const form = asForm(sent);
  const { homeowner, change } = readForm(
    { homeowner: id, change: oneOf("issue", "withdraw", "end", "mail").optional() },
    form,
  );
  switch (change) {
    case "mail":
      return mail(form);
    case "withdraw":
      return withdraw(homeowner, form.has("keep"));
    case "end":
      return end(homeowner);
    default:
      return issue({
        homeownerId: homeowner,
        knowsItIsOpen: form.has("knows"),
        endsSessions: form.has("end"),
      });
  }
});

/**
 * What the page of a homeowner can do, by `change`. Role developer only.
 *
 * - `issue`: a new code; `knows` says that the page told of the home being open, `end` signs the homeowner out.
 * - `withdraw`: ends the code, and signs the homeowner out unless `keep` is there.
 * - `end`: signs the homeowner out.
 * - `mail`: sends the code by e-mail; `code` says of which code the page told, `claims` of how many mails that were begun with it.
 */
export async function changeCode(_previous: CodeState | null, form: FormData): Promise<CodeState> {
  return change(form);
}

const open = guardAction("/developments/[id]: code of a row", async (sent: FormData): Promise<string> => {
  const { tenantId } = await requireRole(["developer"]);
  const { development, homeowner } = readForm({ development: id, homeowner: id }, sent);
  const found = await findUnitOf(forTenant(tenantId), { developmentId: development, homeownerId: homeowner });
  const [person] = found?.homeowners ?? [];
  const endsNothing =
    person !== undefined &&
    person.onboardingCode?.state !== "open" &&
    !person.wasOpened &&
    person.sessions.length === 0;
  if (sent.get("change") === "mail") {
    const result = await mailKnown(sent).catch((error: unknown) => {
      if (error instanceof UnknownHomeownerError) return null; // their page says so
      throw error;
    });
    return homeownerHref(development, homeowner, result === null ? "" : mailNoticeOf(result));
  }
  if (sent.has("change") || endsNothing) await change(sent);
  return homeownerHref(development, homeowner);
});

/**
 * What a row of the units can do: makes a code where that ends and opens nothing, and goes to the homeowner's page, where
 * else it is asked. Role developer only. With a `change` it does that, as {@link changeCode} does; what came of a mail is said there.
 */
export async function openCode(form: FormData): Promise<void> {
  const href = await open(form);
  if (typeof href === "string") redirect(href);
}

const signedOut = (devices: number): string =>
  devices === 0 ? "" : ` ${formatNumberOf(devices, "device")} signed out.`;
