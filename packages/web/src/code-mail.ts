import { forTenant } from "@openhouse/db/client";
import {
  type ClaimedCodeMail,
  type CodeMailRefusal,
  type CodeMailWish,
  claimCodeMail,
  finishCodeMail,
  isDue,
  type KnownCode,
  listCodeRecipients,
} from "@openhouse/db/queries/code-mails";
import { UnknownHomeownerError } from "@openhouse/db/queries/onboarding-codes";
import { CODE_VALID_FOR_MS } from "./homeowner-access.ts";
import { log } from "./log.ts";
import { codeMail } from "./mail/code-text.ts";
import { judgeMailError, type MailFailure } from "./mail/mail-failure.ts";
import { sendMail } from "./mail/send-mail.ts";
import { spend, type UsedUp } from "./quotas.ts";
import { securityLog } from "./security-log.ts";
import type { StaffSession } from "./session.ts";

/** Where the code of a mail leads: the address of the tenant portal's page that opens the home. */
export type LinkOf = (code: string) => string;

export type CodeMailOutcome =
  | { outcome: "sent" }
  | { outcome: "failed"; why: MailFailure }
  | { outcome: "refused"; why: CodeMailRefusal }
  | { outcome: "limited"; usedUp: UsedUp };

/**
 * Sends one homeowner the code that is ready to scan, to the address on file. Waits for the mail server.
 *
 * @param known the code that whoever asks has seen, and its mails: asked twice with the same, it is sent once.
 * @throws {UnknownHomeownerError} the homeowner is not this tenant's.
 */
export async function mailCode(
  session: StaffSession,
  { homeownerId, known, linkOf }: { homeownerId: string; known: KnownCode; linkOf: LinkOf },
): Promise<CodeMailOutcome> {
  const usedUp = await spendMail(session);
  if (usedUp !== null) return { outcome: "limited", usedUp };
  return sendOne(session, { homeownerId, known }, linkOf);
}

export interface CodeMailRun {
  sent: number;
  failed: number;
  /** Who is still to be sent theirs, those of a run that was stopped among them. */
  left: number;
  /** Why no more were begun, where not all of the batch were. */
  stoppedBy?: Exclude<MailFailure, "recipient"> | UsedUp;
}

/** So many addresses one after the other are hardly all wrong: it is the server that takes nothing from here. */
const REFUSED_IN_A_ROW = 5;

/**
 * Sends their codes to the next of a development's homeowners who have none by mail yet, one after the other, and makes codes for
 * those who have none at all. Goes on with the next batch where it is called again; of two at once each homeowner is sent one.
 *
 * A server that is away, that refuses five addresses in a row, or that may have taken a mail without saying so, stops the run: the next
 * mails would fare no better.
 *
 * @param again those whose last mail had failed until then, instead, who failed first first: whoever fails again is left alone, and a
 * second press sends nothing twice.
 * @param most mails of a batch.
 * @param forMs no mail is begun after so long. A server that answers slowly makes batches smaller, not requests longer.
 */
export async function mailCodes(
  session: StaffSession,
  {
    developmentId,
    again = null,
    linkOf,
    most = 25,
    forMs = 15_000,
  }: { developmentId: string; again?: Date | null; linkOf: LinkOf; most?: number; forMs?: number },
): Promise<CodeMailRun> {
  const db = forTenant(session.tenantId);
  const due = (await listCodeRecipients(db, developmentId)).filter((each) => isDue(each, again));
  // So that a run that stops at the same addresses each time gets past them.
  if (again !== null) due.sort((one, other) => Number(one.mailAt) - Number(other.mailAt));
  const run: CodeMailRun = { sent: 0, failed: 0, left: due.length };
  const endsAt = performance.now() + forMs;
  let refusedInARow = 0;
  for (const { homeownerId } of due.slice(0, most)) {
    if (performance.now() > endsAt) break;
    const usedUp = await spendMail(session);
    if (usedUp !== null) return { ...run, stoppedBy: usedUp };
    const result = await sendOne(session, { homeownerId, again }, linkOf).catch(goneMeanwhile);
    if (result?.outcome === "sent") run.sent++;
    if (result?.outcome === "failed") run.failed++;
    run.left--;
    if (result?.outcome === "sent") refusedInARow = 0;
    if (result?.outcome !== "failed") continue;
    if (result.why !== "recipient") return { ...run, stoppedBy: result.why };
    if (++refusedInARow === REFUSED_IN_A_ROW) return { ...run, stoppedBy: "not_sent" };
  }
  return run;
}

function goneMeanwhile(error: unknown): null {
  if (error instanceof UnknownHomeownerError) return null;
  throw error;
}

const spendMail = ({ tenantId, staff }: StaffSession) =>
  spend({ tenantId, subjectId: staff.id }, "code_mails_an_hour", "company_code_mails_a_day");

async function sendOne(
  session: StaffSession,
  asked: { homeownerId: string } & CodeMailWish,
  linkOf: LinkOf,
): Promise<CodeMailOutcome> {
  const { tenantId, tenantName, staff } = session;
  const db = forTenant(tenantId);
  const about = {
    portal: "developer",
    tenant: tenantId,
    subject: staff.id,
    target: asked.homeownerId,
  } as const;
  const claimed = await claimCodeMail(db, { ...asked, staffId: staff.id, validForMs: CODE_VALID_FOR_MS });
  if (typeof claimed === "string") return { outcome: "refused", why: claimed };
  if (claimed.isNewCode) securityLog("code.issued", about);
  const failure = await send(claimed, tenantName, linkOf);
  if (failure === null) securityLog("code.mailed", about);
  const result = failure === null ? "sent" : failure === "recipient" ? "failed" : failure;
  await finishCodeMail(db, claimed, { result, staffId: staff.id });
  return failure === null ? { outcome: "sent" } : { outcome: "failed", why: failure };
}

/** Null where the server has taken it. */
async function send(
  claimed: ClaimedCodeMail,
  tenantName: string,
  linkOf: LinkOf,
): Promise<MailFailure | null> {
  try {
    await sendMail(codeMail({ ...claimed, tenantName, link: linkOf(claimed.code) }));
    return null;
  } catch (error) {
    // Its message may hold the recipient's address, which no log holds.
    const { code } = Object(error);
    log.error("web.mail_failed", { code: typeof code === "string" ? code : "unknown" });
    return judgeMailError(error);
  }
}
