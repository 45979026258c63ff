import type { ActivityKind, UnansweredKind } from "@openhouse/db/schema";
import { formatNumberOf, formatWait } from "@openhouse/web/format";
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
