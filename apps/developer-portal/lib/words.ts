import { formatWait } from "@openhouse/web/format";
import type { BadgeTone } from "@openhouse/web/ui/badge";

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

/** Types of a document. */
export const MEDIA_TYPE_NAMES = { "text/plain": "Text", "text/markdown": "Markdown" } as const;

export const MANY_SIGN_IN = "Many people are signing in right now. Please try again in a moment.";

/** For whoever has to wait before the next attempt. */
export function tooManyAttempts(retryAfterSeconds: number): string {
  return `Too many attempts. Please wait ${formatWait(retryAfterSeconds)} and try again.`;
}
