import type { CodeMailRefusal, MailStanding } from "@openhouse/db/queries/code-mails";
import type { ActivityKind, CodeMailState, UnansweredKind } from "@openhouse/db/schema";
import type { CodeMailOutcome } from "@openhouse/web/code-mail";
import { formatNumberOf, formatWait } from "@openhouse/web/format";
import type { MailFailure } from "@openhouse/web/mail/mail-failure";
import type { UsedUp } from "@openhouse/web/quotas";
import type { BadgeTone } from "@openhouse/web/ui/badge";
import { type FileKind, fileKindOf } from "./document-file.ts";

/** Stages of a development, as people call them. */
export const STAGES = {
  planning: { word: "Planning", tone: "neutral" },
  building: { word: "Building", tone: "caution" },
  completed: { word: "Completed", tone: "good" },
} as const satisfies Record<string, { word: string; tone: BadgeTone }>;

/** States of an onboarding code. */
export const CODE_STATES = {
  open: { word: "Ready to scan", tone: "accent" },
  used: { word: "Used", tone: "good" },
  expired: { word: "Expired", tone: "caution" },
  revoked: { word: "Withdrawn", tone: "neutral" },
} as const satisfies Record<string, { word: string; tone: BadgeTone }>;

/** What became of a code's mail. */
export const CODE_MAILS = {
  sending: { word: "Being sent", tone: "neutral" },
  sent: { word: "Sent by e-mail", tone: "good" },
  failed: { word: "E-mail failed", tone: "critical" },
  uncertain: { word: "Perhaps sent", tone: "caution" },
} as const satisfies Record<CodeMailState, { word: string; tone: BadgeTone }>;

/** How it stands with mailing somebody's code, when all of a development are sent theirs. */
export const MAIL_STANDINGS = {
  ...CODE_MAILS,
  ready: { word: "Gets a mail", tone: "accent" },
  no_address: { word: "No address", tone: "critical" },
  given_up: { word: "Failed too often", tone: "critical" },
  withdrawn: { word: "Code withdrawn", tone: "neutral" },
  moved_in: { word: "Moved in", tone: "neutral" },
} as const satisfies Record<MailStanding, { word: string; tone: BadgeTone }>;

/** Why a code was not sent by e-mail. */
export const MAIL_REFUSALS = {
  no_code: "No code is ready to scan. Make one first.",
  no_address: "No mail can be sent to this e-mail address. Please correct it.",
  sending: "This mail is being sent already, or somebody has just sent it. Please load the page again.",
  sent: "This code was sent meanwhile. Please load the page again.",
  failed: "Somebody has just tried to send this code. Please load the page again.",
  uncertain: "Somebody has just tried to send this code. Please load the page again.",
  archived: "This home is archived. Bring it back first.",
  too_many: "This code was sent as often as one may be. Make a new code, and send that.",
  given_up: "This code was sent as often as one may be. Make a new code, and send that.",
  ready: "The code has changed meanwhile. Please load the page again.",
  withdrawn: "The code was withdrawn meanwhile. Please load the page again.",
  moved_in: "They have moved in meanwhile. Please load the page again.",
} as const satisfies Record<CodeMailRefusal, string>;

/** What a mail came to that was not taken. */
export const MAIL_FAILURES = {
  recipient: "The mail server did not take a mail for this address. Please look whether it is right.",
  not_sent:
    "The mail server cannot be reached, or takes no mail from here. Sending has stopped; please try again later.",
  uncertain:
    "The connection to the mail server was lost, and the mail may have been sent. Please ask before you send it again.",
} as const satisfies Record<MailFailure, string>;

export const MAIL_SENT = "The code was sent.";

/** What came of a mail, as an address says it: words that {@link mailNotice} knows, and nothing of anybody. */
export function mailNoticeOf(result: CodeMailOutcome): string {
  return result.outcome === "failed" || result.outcome === "refused"
    ? `${result.outcome}-${result.why}`
    : result.outcome;
}

/** What a page says of it; null for a word that it does not know. */
export function mailNotice(word: unknown): { ok: boolean; text: string } | null {
  if (word === "sent") return { ok: true, text: MAIL_SENT };
  if (typeof word !== "string") return null;
  const text = MAIL_NOTICES.get(word);
  return text === undefined ? null : { ok: false, text };
}

const noticesOf = (outcome: string, words: Record<string, string>): [string, string][] =>
  Object.entries(words).map(([why, text]) => [`${outcome}-${why}`, text]);

const MAIL_NOTICES = new Map([
  ["limited", "As many mails were sent as may be in a short time. This one was not; please try again later."],
  ...noticesOf("failed", MAIL_FAILURES),
  ...noticesOf("refused", MAIL_REFUSALS),
]);

/** Where homeowners asked what is not known. */
export const UNANSWERED_KINDS = {
  question: "Chat",
  search: "Search",
} as const satisfies Record<UnansweredKind, string>;

const FILE_KIND_NAMES = {
  text: "Text",
  markdown: "Markdown",
  pdf: "Text of a PDF",
  docx: "Text of a Word file",
} as const satisfies Record<FileKind, string>;

/** What a document was made of. */
export const fileKindName = (fileName: string): string => FILE_KIND_NAMES[fileKindOf(fileName) ?? "text"];

/** What is to be known of a document whose file was not kept; null of any other. */
export function textOnlyNote(fileName: string): string | null {
  const kind = fileKindOf(fileName);
  if (kind !== "pdf" && kind !== "docx") return null;
  return "This is the text of the file, as homeowners read it. The file itself was not kept, nor its pictures: it cannot be downloaded.";
}

export const MANY_SIGN_IN = "Many people are signing in right now. Please try again in a moment.";

/** For whoever has to wait before the next attempt. */
export function tooManyAttempts(retryAfterSeconds: number): string {
  return `Too many attempts. Please wait ${formatWait(retryAfterSeconds)} and try again.`;
}

/** For whoever has used up what may be sent, or their company has. */
export function noMoreMails({ quota, most, retryAfterSeconds }: UsedUp): string {
  const who = quota.startsWith("company") ? "Your company has" : "You have";
  return `${who} sent ${formatNumberOf(most, "mail")} in a short time, and that is the most. The next one can be sent in ${formatWait(retryAfterSeconds)}.`;
}

/** For a form whose row somebody else has taken away meanwhile. */
export const GONE = {
  ok: false,
  error: "This is not there any more, or somebody else has just done the same. Please load the page again.",
};

/** @param devices on so many somebody was signed out. */
export const archivedNow = (devices: number): string =>
  `Archived.${devices === 0 ? "" : ` ${formatNumberOf(devices, "device")} signed out.`}`;

/** What was done, as the log of activity says it; what it was done to stands below. */
export const ACTIVITY_WORDS = {
  "development.created": "Development created",
  "development.changed": "Development edited",
  "development.archived": "Development archived",
  "development.restored": "Development brought back",
  "unit.created": "Unit added",
  "unit.changed": "Unit edited",
  "unit.archived": "Unit archived",
  "unit.restored": "Unit brought back",
  "units.imported": "List imported",
  "homeowner.added": "Homeowner added",
  "homeowner.changed": "Homeowner edited",
  "homeowner.removed": "Homeowner removed",
  "homeowner.signed_out": "Homeowner signed out",
  "code.issued": "Code made",
  "code.mailed": "Code sent by e-mail",
  "code.withdrawn": "Code withdrawn",
  "document.uploaded": "Document uploaded",
  "document.changed": "Document edited",
  "document.replaced": "Document replaced",
  "document.deleted": "Document deleted",
  "document.restored": "Document brought back",
  "staff.invited": "Colleague invited",
  "staff.role_changed": "Colleague given another role",
  "staff.disabled": "Account disabled",
  "staff.enabled": "Account enabled",
  "staff.link_made": "Link for a new password made",
} as const satisfies Record<ActivityKind, string>;

/** Kinds of activity whose words hold a text; none for no text. */
export function activityKindsOf(text: string): ActivityKind[] {
  const sought = text.toLowerCase();
  if (sought === "") return [];
  const words = Object.entries(ACTIVITY_WORDS) as [ActivityKind, string][];
  return words.filter(([, word]) => word.toLowerCase().includes(sought)).map(([kind]) => kind);
}
